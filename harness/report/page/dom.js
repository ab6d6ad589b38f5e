const SVG = 'http://www.w3.org/2000/svg';

/** Creates an HTML element; strings become text, never markup. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Creates an SVG element. */
export function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== undefined && child !== false));
  return node;
}

/** Renders a JSON value with highlighted keys and values. */
export function jsonView(value) {
  const pre = element('pre');
  const text = JSON.stringify(value, null, 2) ?? '';
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?\d[\d.e+-]*)\b/g;
  let at = 0;
  for (const found of text.matchAll(token)) {
    pre.append(text.slice(at, found.index));
    const [all, string, colon] = found;
    const kind = colon ? 'key' : string ? 'string' : 'other';
    pre.append(element('span', { class: kind }, all));
    at = found.index + all.length;
  }
  pre.append(text.slice(at));
  return pre;
}
