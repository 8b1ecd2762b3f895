// What the console makes of types that the contracts of Greeter do not have.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const FILES = new URL('../../main/resources/dev/greeter/server/web/console/', import.meta.url);
const load = file => import('data:text/javascript,' + encodeURIComponent(readFileSync(new URL(file, FILES), 'utf8')));
const { Schema } = await load('schema.js');
const { find, parse } = await load('json.js');

const field = (json, type, more = {}) => ({ name: json.replace(/[A-Z]/g, upper => '_' + upper.toLowerCase()), json, type, number: 1, ...more });
const schema = new Schema({
  messages: {
    'a.All': {
      comment: 'All kinds.\nOf fields.',
      fields: [
        field('text', 'string'), field('data', 'bytes'), field('yes', 'bool'), field('small', 'int32'), field('large', 'uint64'),
        field('signed', 'sint64'), field('ratio', 'double'), field('color', 'a.Color'), field('inner', 'a.Inner'), field('itself', 'a.All'),
        field('many', 'int32', { repeated: true }), field('byName', 'a.Inner', { key: 'string' }), field('byNumber', 'string', { key: 'int64' }),
        field('left', 'string', { oneof: 'side' }), field('right', 'string', { oneof: 'side' }), field('old', 'string', { deprecated: true }),
        field('at', 'google.protobuf.Timestamp'), field('lasts', 'google.protobuf.Duration'), field('mask', 'google.protobuf.FieldMask'),
        field('free', 'google.protobuf.Struct'), field('list', 'google.protobuf.ListValue'), field('value', 'google.protobuf.Value'),
        field('any', 'google.protobuf.Any'), field('none', 'google.protobuf.Empty'), field('wrapped', 'google.protobuf.Int64Value'),
        field('made', 'string', { comment: 'Output only. By the server.' }),
      ],
    },
    'a.Inner': { fields: [field('n', 'int32', { optional: true })] },
  },
  enums: { 'a.Color': { values: [{ name: 'NONE', number: 0 }, { name: 'RED', number: 1 }] } },
});

function problems(text, type = 'a.All') {
  const { values, problems: found } = parse(text);
  values.forEach(value => schema.check(value, type, found));
  return found.map(({ start, end, message }) => `${text.slice(start, end)}: ${message}`);
}

test('the example of a type is valid, and has what a caller would set', () => {
  const example = schema.example('a.All');
  assert.deepEqual(problems(JSON.stringify(example)), []);
  assert.deepEqual(Object.keys(example).filter(name => /old|right|made|itself/.test(name)), []);
  assert.deepEqual([example.color, example.inner, example.many, example.byName, example.byNumber], ['RED', { n: 0 }, [0], { key: { n: 0 } }, { 1: '' }]);
});

for (const valid of ['{"small": -2147483648, "large": "18446744073709551615", "signed": -1}', '{"ratio": "NaN", "color": 1, "wrapped": "12"}',
  '{"by_name": {"a": {"n": 1}}, "many": []}', '{"value": [1, {"a": null}], "free": {"a": []}, "any": {"@type": "x"}}', '{"inner": null}',
  '{"at": "2030-01-31T12:00:00.5+02:00", "lasts": "-0.5s", "mask": "a,b.c", "data": "AP8="}', '{"text": "\\u00e9\\ud83d\\ude00"}', ' {} \n {} ']) {
  test(`valid: ${valid}`, () => assert.deepEqual(problems(valid), []));
}

for (const [invalid, problem] of [
  ['{"small": 2147483648}', '2147483648: A whole number (int32) is expected.'],
  ['{"large": -1}', '-1: A whole number (uint64) is expected.'],
  ['{"small": 1.5}', '1.5: A whole number (int32) is expected.'],
  ['{"yes": "true"}', '"true": true or false is expected.'],
  ['{"color": "BLUE"}', '"BLUE": One of "NONE", "RED" is expected.'],
  ['{"many": 1}', '1: A list in [ ] is expected.'],
  ['{"many": [1, "x"]}', '"x": A whole number (int32) is expected.'],
  ['{"byName": []}', '[]: An object is expected.'],
  ['{"inner": {"m": 1}}', '"m": a.Inner has no field "m"; it has n.'],
  ['{"inner": [1]}', '[1]: An object is expected.'],
  ['{"left": "", "right": ""}', '"right": Only one of "left" and "right" can be set.'],
  ['{"by_name": {}, "byName": {}}', '"byName": "byName" is here twice.'],
  ['{"at": "tomorrow"}', '"tomorrow": A time such as "2030-01-31T12:00:00Z" is expected.'],
  ['{"data": "%"}', '"%": A text in base64 is expected.'],
  ['{"none": 1}', '1: An object is expected.'],
  ['[]', '[]: An object is expected.'],
  ['{"text": "a', '"a: A value is expected.'],
  ['{"text" "a"}', '"a": A colon is expected.'],
  ['{text: "a"}', 'text: The name of a field in quotes is expected.'],
  ['{"many": [1,]}', ']: A value is expected.'],
  ['{"many": [1 2]}', '2: , or ] is expected.'],
  ['{"many": [1', ': , or ] is missing at the end.'],
  ['{"small": 01}', '1: , or } is expected.'],
  ['['.repeat(200), '[: Less depth is expected.'],
]) {
  test(`invalid: ${invalid.slice(0, 40)}`, () => assert.deepEqual(problems(invalid), [problem]));
}

test('a large text is read', () => {
  const many = Array.from({ length: 50_000 }, (none, index) => `{"small": ${index}, "text": "${'x'.repeat(20)}"}`).join('\n');
  assert.equal(parse(many).values.length, 50_000);
  assert.deepEqual(problems(JSON.stringify({ text: 'é\\"'.repeat(500_000) })), []);
});

test('a field is found by the path of a violation', () => {
  const text = '{"inner": {"n": 1}, "many": [4, 5], "byName": {"a": {}}}';
  const at = path => { const { start, end } = find(parse(text).values[0], path); return text.slice(start, end); };
  assert.deepEqual(['inner.n', 'many[1]', 'by_name', 'inner.missing', 'missing', ''].map(at), ['"n"', '5', '"byName"', '"inner"', '{', '{']);
});

test('a type is shown as in a .proto file', () => {
  const [all, color, inner] = schema.describe('a.All');
  assert.match(all, /^\/\/ All kinds\.\n\/\/ Of fields\.\nmessage All \{\n {2}string text = 1;\n/);
  assert.match(all, /\n {2}repeated int32 many = 1;\n {2}map<string, Inner> by_name = 1;\n/);
  assert.match(all, /\n {2}string right = 1; \/\/ one of side\n {2}string old = 1 \[deprecated = true\];\n/);
  assert.equal(color, 'enum Color {\n  NONE = 0;\n  RED = 1;\n}\n');
  assert.equal(inner, 'message Inner {\n  optional int32 n = 1;\n}\n');
});
