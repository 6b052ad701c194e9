// Moves the figures made by lib/explore.py. Their frames are files beside the page, loaded as
// scripts (so that a page opened from a disk can have them, too) when a reader reaches for a
// control, or when the figure is in sight and the browser has nothing else to do.
(() => {
  "use strict";

  const REST = 500; // ms without a move before a screen reader hears the sentence
  const PAUSE = 250; // ms without a move before the address is written: WebKit limits how often

  const idle = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 200));

  const fetched = (source) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      // The file says document.currentScript.frames = "...".
      script.onload = () => {
        resolve(script.frames);
        script.remove();
      };
      script.onerror = () => reject(new Error(`${source} did not load`));
      document.head.append(script);
    });

  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  const copied = async (text) => {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "explorer-unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("the browser does not allow copying");
  };

  const settings = (address) => new URLSearchParams(new URL(address, location).hash.slice(1));

  class Control {
    constructor(element) {
      this.element = element;
      this.name = element.dataset.control;
      this.keys = JSON.parse(element.dataset.keys);
      this.texts = element.dataset.texts ? JSON.parse(element.dataset.texts) : null;
      this.inputs = [...element.querySelectorAll("input")];
      this.first = this.inputs.findIndex((one) => one.defaultChecked);
      if (this.texts) this.first = Number(this.inputs[0].defaultValue);
    }

    get index() {
      const input = this.texts ? this.inputs[0] : this.inputs.find((one) => one.checked);
      return Number(input.value);
    }

    set index(value) {
      if (this.texts) this.inputs[0].value = value;
      else this.inputs[value].checked = true;
      this.say();
    }

    // The setting that an address names, or -1; a number between two settings takes the nearer.
    find(key) {
      const exact = this.keys.indexOf(key);
      if (exact >= 0 || !this.texts || !key?.trim()) return exact;
      const [number, ends] = [Number(key), [this.keys[0], this.keys.at(-1)].map(Number)];
      if (!(number >= ends[0] && number <= ends[1])) return -1;
      const off = this.keys.map((one) => Math.abs(Number(one) - number));
      return off.indexOf(Math.min(...off));
    }

    say() {
      if (!this.texts) return;
      const text = this.texts[this.index];
      this.inputs[0].setAttribute("aria-valuetext", text);
      this.element.querySelector("output").textContent = text;
    }

    focus() {
      (this.texts ? this.inputs[0] : this.inputs[this.index]).focus({ preventScroll: true });
    }
  }

  class Explorer {
    constructor(figure) {
      this.figure = figure;
      this.drawing = figure.querySelector(".explorer-figure");
      this.sentence = figure.querySelector(".explorer-sentence");
      this.link = figure.querySelector(".explorer-link");
      this.status = figure.querySelector("[role=status]");
      this.form = figure.querySelector("form");
      this.controls = [...figure.querySelectorAll("[data-control]")].map((one) => new Control(one));
      this.place = this.here();
      for (const reach of ["pointerover", "pointerdown", "focusin"])
        this.form.addEventListener(reach, () => this.load().catch(() => {}));
      this.form.addEventListener("input", () => this.moved());
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("reset", (event) => {
        event.preventDefault();
        this.set(new URLSearchParams());
        this.moved();
      });
      this.form.querySelector(".explorer-copy").addEventListener("click", () => this.copy());
      this.form.hidden = false;
    }

    here() {
      return this.controls.reduce((place, one) => place * one.keys.length + one.index, 0);
    }

    load() {
      this.data ??= fetched(this.figure.dataset.frames)
        .then(unpacked)
        .then((data) => (this.frames = data))
        .catch((error) => {
          this.data = null; // the next move tries again
          throw error;
        });
      return this.data;
    }

    moved() {
      for (const control of this.controls) control.say();
      this.draw();
      clearTimeout(this.writing);
      this.writing = setTimeout(() => this.write(), PAUSE);
      this.say("");
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.say(this.sentence.textContent), REST);
    }

    say(text) {
      this.status.textContent = text;
    }

    async draw() {
      if (!this.frames) {
        try {
          await this.load();
        } catch {
          this.sentence.textContent = "This figure could not be loaded. Move it again to retry.";
          this.place = null;
          return;
        }
      }
      // Read the controls only now: they may have moved while the frames were loaded.
      const place = this.here();
      if (this.place === place) return;
      this.place = place;
      const { lines, frames, sentences } = this.frames;
      this.drawing.innerHTML = frames[place].map((line) => lines[line]).join("\n");
      this.drawing.setAttribute("aria-label", `${this.drawing.dataset.title}. ${sentences[place]}`);
      this.sentence.textContent = sentences[place];
    }

    // The address of this figure as it stands.
    address() {
      const own = this.controls.filter((one) => one.index !== one.first);
      const all = new URLSearchParams(own.map((one) => [one.name, one.keys[one.index]]));
      return own.length ? `#${all}` : `#${this.figure.id}`;
    }

    write() {
      this.link.setAttribute("href", this.address());
      const all = settings(location);
      for (const control of this.controls) {
        if (control.index === control.first) all.delete(control.name);
        else all.set(control.name, control.keys[control.index]);
      }
      for (const [name, value] of [...all]) if (!value) all.delete(name);
      history.replaceState(null, "", `#${all}`);
    }

    async copy() {
      const button = this.form.querySelector(".explorer-copy");
      const text = new URL(this.address(), location).href;
      clearTimeout(this.resting);
      button.textContent = await copied(text).then(
        () => "Link copied",
        () => "Copying is not allowed here",
      );
      this.say(button.textContent);
      setTimeout(() => (button.textContent = "Copy this setting"), 2000);
    }

    // The controls that an address names.
    named(all) {
      return this.controls.filter((one) => one.find(all.get(one.name)) >= 0);
    }

    set(all) {
      for (const control of this.controls) {
        const index = control.find(all.get(control.name));
        control.index = index < 0 ? control.first : index;
      }
    }
  }

  const start = () => {
    const explorers = [...document.querySelectorAll("figure.explorer[data-frames]")].map(
      (figure) => new Explorer(figure),
    );

    // An address is the whole state of each figure that it names, and says nothing of the others.
    const read = () => {
      const all = settings(location);
      const named = explorers.filter((explorer) => explorer.named(all).length);
      for (const explorer of named) {
        explorer.set(all);
        explorer.draw();
        explorer.link.setAttribute("href", explorer.address());
      }
      if (named.length) named[0].figure.scrollIntoView();
    };
    read();
    addEventListener("hashchange", read);

    // "Set g = .9": a link in the text moves the controls that it names, and no others.
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a.explorer-set");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const all = settings(link.href);
      const explorer = explorers.find((one) => one.named(all).length);
      if (!explorer) return;
      event.preventDefault();
      const named = explorer.named(all);
      for (const control of named) control.index = control.find(all.get(control.name));
      explorer.moved();
      const first = [...all.keys()].find((name) => named.some((one) => one.name === name));
      named.find((one) => one.name === first).focus();
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      // Where not all of it fits, the picture and its controls do.
      const block = explorer.figure.offsetHeight > 0.9 * innerHeight ? "start" : "nearest";
      explorer.figure.scrollIntoView({ behavior: still ? "auto" : "smooth", block });
    });

    if (navigator.connection?.saveData) return;
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        const explorer = explorers.find((one) => one.figure === target);
        idle(() => explorer.load().catch(() => {}));
      }
    });
    const watch = () => idle(() => explorers.forEach((one) => seen.observe(one.figure)));
    if (document.readyState === "complete") watch();
    else addEventListener("load", watch);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
