// Shows in place what a link within the book leads to, while a reader points at it or is on it.
(() => {
  "use strict";

  const BEFORE = 250; // milliseconds that a pointer rests before anything is shown
  const AFTER = 200; // and that it may take from the link into the box

  const start = () => {
    const box = document.getElementById("preview");
    if (!box?.showPopover) return;
    let link = null;
    let waiting;

    let loading;
    const load = () => {
      loading ??= new Promise((done) => {
        const script = document.createElement("script");
        script.src = box.dataset.source;
        script.onload = () => done(window.bookPreviews);
        script.onerror = () => done({});
        document.head.append(script);
      });
      return loading;
    };

    const hide = () => {
      clearTimeout(waiting);
      link?.removeAttribute("aria-describedby");
      link = null;
      if (box.matches(":popover-open")) box.hidePopover();
    };

    const place = () => {
      const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
      const { width, height } = box.getBoundingClientRect();
      const page = document.documentElement.clientWidth;
      box.style.left = `${Math.max(8, Math.min(at.left, page - width - 8))}px`;
      const below = at.bottom + 6;
      const above = at.top - height - 6;
      box.style.top = `${below + height > innerHeight && above > 0 ? above : below}px`;
    };

    // As seen from the root of the book, whatever page this is.
    const root = new URL(document.documentElement.dataset.content_root, location.href);
    const leadsTo = (wanted) => {
      const own = wanted.getAttribute("href");
      return own.startsWith("#") ? own : wanted.href.slice(root.href.length);
    };

    const show = async (wanted) => {
      const all = await load();
      const text = all[leadsTo(wanted)];
      if (!text || link !== wanted) return;
      box.innerHTML = text;
      if (!box.matches(":popover-open")) box.showPopover();
      place();
      wanted.setAttribute("aria-describedby", "preview");
    };

    const later = (act, time) => {
      clearTimeout(waiting);
      waiting = setTimeout(act, time);
    };

    const linkAt = (node) => node.closest?.('article a.internal[href*="#"]');

    const point = (wanted, time) => {
      if (wanted === link) return;
      hide();
      link = wanted;
      later(() => show(wanted), time);
    };

    document.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType === "touch") return;
      const wanted = linkAt(target);
      if (wanted) {
        clearTimeout(waiting);
        point(wanted, BEFORE);
      } else if (box.contains(target)) clearTimeout(waiting);
      else if (link && link !== document.activeElement) later(hide, AFTER);
    });
    document.addEventListener("focusin", ({ target }) => {
      const wanted = linkAt(target);
      if (wanted?.matches(":focus-visible")) point(wanted, 0);
      else hide();
    });
    document.addEventListener("focusout", hide);
    document.addEventListener("click", hide);
    document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
    addEventListener("scroll", () => box.matches(":popover-open") && place(), { passive: true });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
