// Runs inside the page: what a person, a keyboard and a screen reader would meet there.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  const nameOf = (element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim();

  const parse = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  // Relative luminance and contrast ratio of WCAG 2.2.
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };

  const pale = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === '' || element.closest('option, svg') !== null || !visible(element)) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const ratio = contrast(over(parse(style.color), ground), ground);
    const large =
      parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) pale.push(`${ratio.toFixed(2)}: ${node.textContent.trim().slice(0, 60)}`);
  }

  const levels = all('h1, h2, h3, h4, h5, h6').map((heading) => Number(heading.tagName.slice(1)));
  const ids = all('[id]').map((element) => element.id);
  return {
    texts,
    pale,
    width: document.documentElement.scrollWidth,
    room: window.innerWidth,
    landmarks: ['header', 'nav', 'main', 'footer'].filter((name) => document.querySelector(name) === null),
    headings: levels.filter((level) => level === 1).length,
    skipped: levels.filter((level, index) => index > 0 && level > levels[index - 1] + 1),
    unlabelled: [
      ...all('select, input:not([type=hidden])').filter((field) => field.labels.length === 0),
      ...all('a, button, summary, nav').filter((element) => nameOf(element) === ''),
      ...all('nav, svg[role]').filter((element) => (element.getAttribute('aria-label') ?? '') === ''),
      // A picture inside a picture is a part of it.
      ...all('svg').filter((svg) => svg.getAttribute('role') !== 'img' && svg.parentElement.closest('svg') === null),
    ].map((element) => element.outerHTML.slice(0, 120)),
    doubled: ids.filter((id, index) => ids.indexOf(id) !== index),
    dangling: all('a[href^="#"], [aria-labelledby]')
      .map((element) => element.getAttribute('aria-labelledby') ?? element.getAttribute('href').slice(1))
      .filter((id) => document.getElementById(id) === null),
    active: all('script, iframe, object, embed, [style], [onload], [onerror], [onclick]').length,
    language: document.documentElement.lang,
  };
})();
