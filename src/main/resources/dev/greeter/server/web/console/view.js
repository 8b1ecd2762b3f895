// What the parts of the page are made of.
export const $ = id => document.getElementById(id);

/** Makes an element with properties, or attributes where their names have a dash, and children. */
export function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  Object.entries(properties).forEach(([name, value]) => /-|^list$/.test(name) ? element.setAttribute(name, value) : element[name] = value);
  element.append(...children);
  return element;
}

export const button = (label, onclick, properties = {}) => make('button', { type: 'button', onclick, ...properties }, label);

/** Shows a JSON value with its parts in colours; each text runs in its own direction. */
export function json(value, newLine = '\n') {
  if (!(value instanceof Object)) {
    return typeof value === 'string' ? make('bdi', { className: 'text', dir: 'auto' }, JSON.stringify(value))
      : make('span', { className: 'literal' }, String(value));
  }
  const inner = newLine && newLine + '  ';
  const [start, end] = Array.isArray(value) ? '[]' : '{}';
  const members = Object.entries(value).flatMap(([name, member], index) => [(index ? ',' : '') + (inner || (index ? ' ' : '')),
    ...(start === '[' ? [] : [make('span', { className: 'name' }, JSON.stringify(name)), ': ']), json(member, inner)]);
  return make('span', {}, start, ...members, (members.length ? newLine : '') + end);
}

/** Shows the comment of a contract: paragraphs, and as it is what is indented. */
export const prose = (comment = '') => comment.split(/\n\s*\n/).filter(Boolean).map(part =>
  /^\s{2}/.test(part) ? make('pre', { tabIndex: 0 }, part) : make('p', {}, part.replace(/\s*\n\s*/g, ' ')));

/** Shows names with their values, whatever these contain. */
export const table = entries => make('dl', {}, ...entries.filter(([name]) => name !== '@type').flatMap(([name, value]) =>
  [make('dt', {}, name), make('dd', {}, cell(value))]));
const cell = value => Array.isArray(value) ? make('ol', {}, ...value.map(one => make('li', {}, cell(one))))
  : value instanceof Object ? table(Object.entries(value)) : make('span', { dir: 'auto' }, String(value));

export const size = bytes => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
export const time = ms => ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
export const count = (number, thing) => `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`;

export function save(name, text) {
  const href = URL.createObjectURL(new Blob([text]));
  make('a', { href, download: name }).click();
  setTimeout(URL.revokeObjectURL, 1000, href);
}

/** Copies a text, also where the browser gives the page no clipboard: over HTTP from another host. */
export async function copy(text, pressed) {
  const area = document.body.appendChild(make('textarea', { value: text }));
  area.select();
  document.execCommand('copy') || await navigator.clipboard?.writeText(text);
  area.remove();
  pressed.focus();
  pressed.dataset.done = '';
  setTimeout(() => delete pressed.dataset.done, 1200);
}
