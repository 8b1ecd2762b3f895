// The request in the editor, with its metadata.
import { find, parse } from './json.js';
import { $, button, count, make } from './view.js';

const MAX_PROBLEMS = 20;

/** Reads the editor and shows what is wrong in it: { texts, values, problems }. */
export function read(method, schema, violations) {
  const source = $('editor').value;
  const { values, problems } = parse(source);
  values.forEach(value => schema.check(value, method.request, problems));
  if (!method.takesMany && values.length !== 1 && !problems.length) {
    problems.push({ start: 0, end: source.length, message: 'This method takes one message.' });
  }
  mark(source, [...problems, ...violations].sort((one, other) => one.start - other.start));
  $('send').textContent = problems.length || values.length === 1 ? 'Call' : `Call with ${count(values.length, 'message')}`;
  return { texts: values.map(({ start, end }) => source.slice(start, end)), values, problems };
}

function mark(source, problems) {
  const line = at => source.slice(0, at).split('\n').length;
  $('numbers').textContent = Array.from({ length: line(source.length) }, (none, index) => index + 1).join('\n');
  let at = 0;
  $('marks').replaceChildren(...problems.flatMap(({ start, end }) => {
    const parts = [source.slice(at, Math.max(at, start)), make('mark', {}, source.slice(Math.max(at, start), end) || ' ')];
    at = Math.max(at, end);
    return parts;
  }), source.slice(at) + '\n');
  $('problems').replaceChildren(...problems.slice(0, MAX_PROBLEMS).map(problem =>
    make('li', {}, button(`Line ${line(problem.start)}: ${problem.message}`, () => select(problem)))));
  $('editor').setAttribute('aria-invalid', problems.length > 0);
  scroll();
}

export const select = ({ start, end }) => { $('editor').focus(); $('editor').setSelectionRange(start, end); };
export const scroll = () => ['marks', 'numbers'].forEach(part => $(part).scrollTo($('editor').scrollLeft, $('editor').scrollTop));

/** Returns the fields that the server has refused, of a bidirectional stream those of the message without a response. */
export function violations({ kind }, values, { details = [], total }) {
  const refused = details.filter(({ type }) => type === 'google.rpc.BadRequest').flatMap(({ debug }) => debug?.fieldViolations ?? []);
  return refused.flatMap(({ field = '', description }) => (kind === 'bidi_streaming' ? values.slice(total, total + 1) : values)
    .map(value => ({ ...find(value, field), message: `${field}: ${description}` })));
}

export function addMetadata([name, value]) {
  const input = (label, given, list) => make('input', { 'aria-label': label, value: given, placeholder: label, spellcheck: false, list });
  return $('metadata').appendChild(make('div', {}, input('name', name, 'names'),
    input(name ? 'value of ' + name : 'value', value, name === 'accept-language' ? 'languages' : '')));
}

export const metadata = () => [...$('metadata').children].map(row => [...row.children].map(({ value }) => value.trim()))
  .filter(([name, value]) => name && value).map(([name, value]) => [name.toLowerCase(), value]);
export const token = () => $('token').value.trim().replace(/^bearer\s+/i, '');
export const seconds = () => Number($('deadline').value);
