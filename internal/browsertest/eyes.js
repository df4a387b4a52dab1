({
  // visible: can a person see it?
  visible(selector) {
    const it = document.querySelector(selector);
    return it !== null && it.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
      it.getBoundingClientRect().width > 0 && it.getBoundingClientRect().height > 0;
  },
  // middle: scrolls it into view at once and gives its middle in the window. A
  // link that runs over two lines has its middle in the first.
  middle(selector) {
    const it = document.querySelector(selector);
    it.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
    const box = [...it.getClientRects()].find(box => box.width > 0) ?? it.getBoundingClientRect();
    return {X: box.x + box.width / 2, Y: box.y + box.height / 2};
  },
  // over: what lies over it and would get the click instead?
  over(selector) {
    const it = document.querySelector(selector);
    const {X, Y} = this.middle(selector);
    const top = document.elementFromPoint(X, Y);
    if (top === null || it.contains(top) || top.contains(it) && top.tagName === "LABEL") return "";
    return this.name(top);
  },
  // grasp: puts the focus on a field with all that stands in it chosen.
  grasp(selector) {
    const it = document.querySelector(selector);
    it.scrollIntoView({block: "center", behavior: "instant"});
    it.focus();
    if (it.select) it.select();
  },
  // choose: picks the option with this value, as a person would.
  choose(selector, value) {
    const it = document.querySelector(selector);
    if (![...it.options].some(option => option.value === value)) return false;
    it.focus();
    it.value = value;
    it.dispatchEvent(new Event("input", {bubbles: true}));
    it.dispatchEvent(new Event("change", {bubbles: true}));
    return true;
  },
  // focused: what has the focus, in words.
  focused() {
    const it = document.activeElement;
    return it === null || it === document.body ? "" : this.name(it);
  },
  // tooWide: what sticks out to the side?
  tooWide() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll("*")].filter(it => it.getBoundingClientRect().right > width + 1);
    return out.length > 0 ? out.slice(0, 5).map(it => this.name(it)) : ["the page"];
  },
  name(it) {
    const words = it.getAttribute("aria-label") || it.innerText?.trim() || it.getAttribute("name") || it.id || it.className;
    return `${it.tagName.toLowerCase()} "${String(words).replace(/\s+/g, " ").slice(0, 60)}"`;
  },
})
