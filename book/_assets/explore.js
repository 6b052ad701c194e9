// Moves the figures made by lib/explore.py: every frame is in the page, nothing is fetched.
(() => {
  "use strict";

  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  const settings = () => new URLSearchParams(location.hash.slice(1));

  class Control {
    constructor(element) {
      this.element = element;
      this.name = element.dataset.control;
      this.keys = JSON.parse(element.dataset.keys);
      this.texts = element.dataset.texts ? JSON.parse(element.dataset.texts) : null;
      this.inputs = [...element.querySelectorAll("input")];
      this.first = this.index;
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

    say() {
      if (!this.texts) return;
      const text = this.texts[this.index];
      this.inputs[0].setAttribute("aria-valuetext", text);
      this.element.querySelector("output").textContent = text;
    }
  }

  class Explorer {
    constructor(figure) {
      this.figure = figure;
      this.drawing = figure.querySelector(".explorer-figure");
      this.sentence = figure.querySelector("[aria-live]");
      this.form = figure.querySelector("form");
      this.controls = [...figure.querySelectorAll("[data-control]")].map((one) => new Control(one));
      this.data = null;
      this.form.addEventListener("input", () => this.moved());
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("reset", (event) => {
        event.preventDefault();
        for (const control of this.controls) control.index = control.first;
        this.moved();
      });
      this.form.hidden = false;
    }

    moved() {
      for (const control of this.controls) control.say();
      this.draw();
      this.write();
    }

    async draw() {
      this.data ??= unpack(this.figure.querySelector("script").textContent);
      const { lines, frames, sentences } = await this.data;
      // Read the controls only now: they may have moved while the frames were unpacked.
      let place = 0;
      for (const control of this.controls) place = place * control.keys.length + control.index;
      const sentence = sentences[place];
      if (this.place === place) return;
      this.place = place;
      this.drawing.innerHTML = frames[place].map((line) => lines[line]).join("\n");
      this.drawing.setAttribute("aria-label", `${this.drawing.dataset.title}. ${sentence}`);
      this.sentence.textContent = sentence;
    }

    write() {
      const all = settings();
      for (const control of this.controls) {
        if (control.index === control.first) all.delete(control.name);
        else all.set(control.name, control.keys[control.index]);
      }
      for (const [name, value] of [...all]) if (!value) all.delete(name);
      history.replaceState(null, "", `#${all}`);
    }

    read(all) {
      let named = false;
      for (const control of this.controls) {
        const index = control.keys.indexOf(all.get(control.name));
        control.index = index < 0 ? control.first : index;
        named ||= index >= 0;
      }
      if (named || this.place !== undefined) this.draw();
      return named;
    }
  }

  const start = () => {
    const explorers = [...document.querySelectorAll("figure.explorer:has(form)")].map(
      (figure) => new Explorer(figure),
    );
    const read = () => {
      const named = explorers.filter((explorer) => explorer.read(settings()));
      if (named.length) named[0].figure.scrollIntoView();
    };
    read();
    addEventListener("hashchange", read);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
