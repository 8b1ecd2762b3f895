// JSON with the places of its parts: what is wrong in a text, and where a field is.
const MAX_DEPTH = 100;
const KINDS = ['sign', 'string', 'number', 'word', 'end', 'junk'];
const STRING = /"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const TOKEN = new RegExp(`[ \\t\\r\\n]*(?:([{}[\\],:])|(${STRING.source})|(${NUMBER.source})|(true|false|null)|($)|([^\\s{}[\\],:]+|[^]))`, 'y');

/** Reads the values of a text, one after the other, up to the first fault: { values, problems }. */
export function parse(source) {
  const values = [];
  let token;
  const next = () => {
    const match = TOKEN.exec(source);
    const kind = KINDS.findIndex((name, index) => match[index + 1] !== undefined);
    token = { kind: KINDS[kind], raw: match[kind + 1], start: TOKEN.lastIndex - match[kind + 1].length, end: TOKEN.lastIndex };
  };
  const fail = wanted => { throw { ...token, message: wanted + (token.kind === 'end' ? ' is missing at the end.' : ' is expected.') }; };
  const take = sign => token.kind === 'sign' && token.raw === sign && (next(), true);
  const list = (start, close, read) => {
    const all = [];
    for (let { end } = token; ; { end } = token) {
      if (take(close)) {
        return { start, end, kind: close === '}' ? 'object' : 'array', [close === '}' ? 'members' : 'items']: all };
      }
      all.length && (take(',') || fail(`, or ${close}`));
      all.push(read());
    }
  };
  const member = depth => {
    const { kind, raw, start, end } = token;
    kind === 'string' ? next() : fail('The name of a field in quotes');
    take(':') || fail('A colon');
    return { key: JSON.parse(raw), start, end, value: value(depth) };
  };
  const value = depth => {
    const { kind, raw, start, end } = token;
    depth > MAX_DEPTH && fail('Less depth');
    if (take('{') || take('[')) {
      return raw === '{' ? list(start, '}', () => member(depth + 1)) : list(start, ']', () => value(depth + 1));
    }
    ['string', 'number', 'word'].includes(kind) ? next() : fail('A value');
    return { kind: raw === 'null' ? raw : kind === 'word' ? 'boolean' : kind, value: kind === 'number' ? raw : JSON.parse(raw), start, end };
  };
  try {
    TOKEN.lastIndex = 0;
    for (next(); token.kind !== 'end';) {
      values.push(value(0));
    }
    return { values, problems: [] };
  } catch (problem) {
    return { values, problems: [problem] };
  }
}

/** Returns the place of a field, such as user.email or names[2], or that of what lacks it. */
export function find(node, path) {
  const plain = name => name.replaceAll('_', '').toLowerCase();
  let place = { start: node.start, end: node.start + 1 };
  for (const part of path.split(/[.[\]]+/).filter(Boolean)) {
    const member = node?.members?.find(({ key }) => plain(key) === plain(part));
    node = member ? member.value : node?.items?.[part];
    place = member ?? node ?? place;
  }
  return { start: place.start, end: place.end };
}
