// The types of messages: as JSON an example and a check, and as a .proto file has them.
const INTEGERS = { int32: [31n, true], uint32: [32n, false], int64: [63n, true], uint64: [64n, false] };
const SAME = { sint32: 'int32', sfixed32: 'int32', fixed32: 'uint32', sint64: 'int64', sfixed64: 'int64', fixed64: 'uint64' };
const WRAPPER = /^google\.protobuf\.(String|Bytes|Bool|Int32|UInt32|Int64|UInt64|Float|Double)Value$/;
const TEXTS = {
  'google.protobuf.Timestamp': [/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/, 'A time such as "2030-01-31T12:00:00Z"'],
  'google.protobuf.Duration': [/^-?\d+(\.\d{1,9})?s$/, 'A duration such as "1.5s"'],
  'google.protobuf.FieldMask': [/^[\w.,]*$/, 'A text with names of fields, and commas between them,'],
  bytes: [/^[A-Za-z0-9+/_-]*={0,2}$/, 'A text in base64'],
  string: [/^/, 'A text in quotes'],
};
const FREE = { Struct: 'object', ListValue: 'array', Any: 'object', Empty: 'object' };
const NAMES = { name: 'Ada', email: 'ada@example.com', language: 'en' };
const samples = { bytes: '', bool: false, 'google.protobuf.Timestamp': new Date().toISOString(), 'google.protobuf.Duration': '1s',
  'google.protobuf.FieldMask': '', 'google.protobuf.ListValue': [] };

export class Schema {
  constructor({ messages, enums }) { Object.assign(this, { messages, enums }); }

  /** Adds to the problems what of a value its type does not allow. */
  check(node, type, problems) {
    const scalar = SAME[type] ?? WRAPPER.exec(type)?.[1].toLowerCase() ?? type;
    const require = (allowed, wanted) => allowed || problems.push({ ...node, message: wanted + ' is expected.' });
    const isNumber = node.kind === 'number' || node.kind === 'string';
    if (this.messages[type]) {
      node.kind === 'object' ? this.#members(node, type, problems) : require(false, 'An object');
    } else if (this.enums[type]) {
      const { values } = this.enums[type];
      require(isNumber && values.some(({ name, number }) => name === node.value || String(number) === node.value),
        'One of ' + values.map(({ name }) => `"${name}"`).join(', '));
    } else if (INTEGERS[scalar]) {
      const [bits, signed] = INTEGERS[scalar];
      const number = isNumber && /^-?\d+$/.test(node.value) ? BigInt(node.value) : 1n << 64n;
      require(number < 1n << bits && number >= (signed ? -(1n << bits) : 0n), `A whole number (${scalar})`);
    } else if (scalar === 'double' || scalar === 'float') {
      require(isNumber && /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity)$/.test(node.value), 'A number');
    } else if (scalar === 'bool') {
      require(node.kind === 'boolean', 'true or false');
    } else if (TEXTS[scalar]) {
      require(node.kind === 'string' && TEXTS[scalar][0].test(node.value), TEXTS[scalar][1]);
    } else {
      const wanted = FREE[type.replace('google.protobuf.', '')];
      require(!wanted || node.kind === wanted, `An ${wanted}`);
    }
  }

  #members(node, type, problems) {
    const { fields } = this.messages[type];
    const seen = new Map();
    for (const member of node.members) {
      const { key, value } = member;
      const field = fields.find(({ name, json }) => name === key || json === key);
      const refuse = message => problems.push({ ...member, message });
      field || refuse(`${type} has no field "${key}"; it has ${fields.map(({ name }) => name).join(', ') || 'none'}.`);
      field && seen.has(field.name) && refuse(`"${key}" is here twice.`);
      seen.set(field?.name, key);
      if (field && value.kind !== 'null') {
        field.oneof && seen.has(field.oneof) && refuse(`Only one of "${seen.get(field.oneof)}" and "${key}" can be set.`);
        seen.set(field.oneof, key);
        this.#value(value, field, problems);
      }
    }
  }

  #value(node, { key, repeated, type }, problems) {
    const all = key ? node.members?.map(({ value }) => value) : repeated ? node.items : [node];
    all?.forEach(value => this.check(value, type, problems));
    all || problems.push({ ...node, message: key ? 'An object is expected.' : 'A list in [ ] is expected.' });
  }

  /** Returns a message with a value for each field that a caller would set. */
  example(type, outer = []) {
    const fields = (this.messages[type]?.fields ?? []).filter(({ deprecated, comment, type: inner, oneof }, index, all) => !deprecated
      && !/^output only/i.test(comment) && ![...outer, type].includes(inner) && !(oneof && all.findIndex(one => one.oneof === oneof) < index));
    return Object.fromEntries(fields.map(({ key, repeated, ...field }) => {
      const value = this.#sample(field, [...outer, type]);
      return [field.json, key ? { [{ string: 'key', bool: 'true' }[key] ?? '1']: value } : repeated ? [value] : value];
    }));
  }

  #sample({ name, type }, outer) {
    const [first, second = first] = this.enums[type]?.values ?? [];
    const text = type === 'string' ? NAMES[name.replace(/.*_/, '')] ?? '' : samples[type];
    return this.messages[type] ? this.example(type, outer) : second?.name ?? text ?? (WRAPPER.test(type) ? null : type.includes('.') ? {} : 0);
  }

  /** Returns a type, with those that it contains, as a .proto file has them. */
  describe(type, seen = new Set()) {
    const known = this.messages[type] ?? this.enums[type];
    if (!known || seen.has(type)) {
      return [];
    }
    seen.add(type);
    const short = name => name.replace(/^.*\./, '');
    const comment = (part, indent) => part.comment ? part.comment.split('\n').map(line => `${indent}// ${line}\n`).join('') : '';
    const kind = ({ key, type, repeated, optional }) => key ? `map<${key}, ${short(type)}> `
      : type ? (repeated ? 'repeated ' : optional ? 'optional ' : '') + short(type) + ' ' : '';
    const line = part => `${comment(part, '  ')}  ${kind(part)}${part.name} = ${part.number}${part.deprecated ? ' [deprecated = true]' : ''};`
      + (part.oneof ? ` // one of ${part.oneof}\n` : '\n');
    const parts = known.fields ?? known.values;
    return [`${comment(known, '')}${known.fields ? 'message' : 'enum'} ${short(type)} {\n${parts.map(line).join('')}}\n`,
      ...parts.flatMap(part => part.type ? this.describe(part.type, seen) : [])];
  }
}
