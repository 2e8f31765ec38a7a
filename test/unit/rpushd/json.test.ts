// The normal form of a message, rpushd 1.0.3 ("Payload normalisation and size"), as data. Number text is kept as sent,
// our one deviation.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalise } from '../../../src/frontends/rpushd/json.ts'
import { stringOf } from '../../../src/frontends/rpushd/json-string.ts'

const valid = [
  { name: 'null', input: 'null', expect: 'null' },
  { name: 'true', input: ' true ', expect: 'true' },
  { name: 'false', input: 'false', expect: 'false' },
  { name: 'an empty object', input: '{ }', expect: '{}' },
  { name: 'an empty array', input: '[\n]', expect: '[]' },
  { name: 'normal text stays', input: '{"a":[1,{"b":"c"}]}', expect: '{"a":[1,{"b":"c"}]}' },
  { name: 'the example of the contract', input: '{"b":1,"a":[1.0,"é/"]}', expect: '{"a":[1.0,"é/"],"b":1}' },
  { name: 'all white space goes', input: '\t{ "a" : [ 1 ,\r\n2 ] }\n', expect: '{"a":[1,2]}' },
  { name: 'a normal value behind white space', input: '[ [1], {"a":{}}]', expect: '[[1],{"a":{}}]' },
  { name: 'white space in strings stays', input: '[ " a " ]', expect: '[" a "]' },
  { name: 'members are sorted', input: '{"c":1,"a":2,"b":3}', expect: '{"a":2,"b":3,"c":1}' },
  { name: 'at each depth', input: '[{"b":{"d":1,"c":2},"a":0}]', expect: '[{"a":0,"b":{"c":2,"d":1}}]' },
  {
    name: 'only the inner object changes',
    input: '{"a":{"z":1,"y":2},"b":3}',
    expect: '{"a":{"y":2,"z":1},"b":3}',
  },
  { name: 'arrays keep their order', input: '[3,1,2]', expect: '[3,1,2]' },
  { name: 'a shorter key first', input: '{"aa":1,"a":2,"":3}', expect: '{"":3,"a":2,"aa":1}' },
  { name: 'capitals first', input: '{"a":1,"B":2}', expect: '{"B":2,"a":1}' },
  { name: 'digits sort as text', input: '{"9":1,"10":2}', expect: '{"10":2,"9":1}' },
  { name: 'keys sort decoded', input: '{"!":1,"\\n":2}', expect: '{"\\n":2,"!":1}' },
  { name: 'a key before its own extension', input: '{"a!":1,"a":2}', expect: '{"a":2,"a!":1}' },
  { name: 'by UTF-8, not UTF-16', input: '{"😀":1,"\uff5e":2}', expect: '{"\uff5e":2,"😀":1}' },
  {
    name: 'by UTF-8 behind escapes',
    input: '{"\\ud83d\\ude00":1,"\\uff5e":2}',
    expect: '{"\uff5e":2,"😀":1}',
  },
  {
    name: 'by UTF-8 inside keys',
    input: '{"a😀":1,"a\ue000":2,"a\ud7ff":3}',
    expect: '{"a\ud7ff":3,"a\ue000":2,"a😀":1}',
  },
  {
    name: 'by the second half of a pair',
    input: '{"😁":1,"😀":2,"😀a":3}',
    expect: '{"😀":2,"😀a":3,"😁":1}',
  },
  { name: 'sorted emoji keys stay', input: '{"\uff5e":1,"😀":2}', expect: '{"\uff5e":1,"😀":2}' },
  { name: 'the last of equal keys wins', input: '{"a":1,"a":2}', expect: '{"a":2}' },
  { name: 'equal keys apart', input: '{"a":1,"b":2,"a":3,"b":4}', expect: '{"a":3,"b":4}' },
  { name: 'equal keys, one escaped', input: '{"a":1,"\\u0061":2}', expect: '{"a":2}' },
  { name: 'three equal keys', input: '{"a":1,"a":2,"a":[]}', expect: '{"a":[]}' },
  {
    name: 'keys of Object.prototype',
    input: '{"toString":1,"__proto__":{"x":1},"constructor":2}',
    expect: '{"__proto__":{"x":1},"constructor":2,"toString":1}',
  },
  { name: 'short escapes stay', input: '"\\b\\t\\n\\f\\r\\"\\\\"', expect: '"\\b\\t\\n\\f\\r\\"\\\\"' },
  {
    name: 'long escapes get short',
    input: '"\\u0008\\u0009\\u000a\\u000C\\u000d\\u0022\\u005c"',
    expect: '"\\b\\t\\n\\f\\r\\"\\\\"',
  },
  {
    name: 'control escapes in lower case',
    input: '"\\u0000\\u001F\\u001b"',
    expect: '"\\u0000\\u001f\\u001b"',
  },
  {
    name: 'needless escapes go',
    input: '"\\/\\u002f\\u0041\\u00e9\\u2028\\u007F"',
    expect: '"//Aé\u2028\u007f"',
  },
  { name: 'pairs of escapes are joined', input: '"x\\uD83D\\uDE00y"', expect: '"x😀y"' },
  {
    name: 'raw text stays raw',
    input: '"/é\u2028\u2029\u007f😀\uffff"',
    expect: '"/é\u2028\u2029\u007f😀\uffff"',
  },
  { name: 'an escape as a key', input: '{"\\u0022":"\\/"}', expect: '{"\\"":"/"}' },
  {
    name: 'a float keeps its text',
    input: '[1.0,1e2,1E+2,1.50,-0,-0.0,0.1e-7]',
    expect: '[1.0,1e2,1E+2,1.50,-0,-0.0,0.1e-7]',
  },
  {
    name: 'an integer above 2^64 keeps its digits',
    input: '123456789012345678901234567890',
    expect: '123456789012345678901234567890',
  },
  { name: 'the smallest 64-bit integer', input: '-9223372036854775808', expect: '-9223372036854775808' },
  { name: 'the largest double', input: '1.7976931348623157e308', expect: '1.7976931348623157e308' },
  { name: 'an exponent below all doubles', input: '1e-999', expect: '1e-999' },
  { name: 'zero with a great exponent', input: '0e999', expect: '0e999' },
  { name: '308 digits', input: '9'.repeat(308), expect: '9'.repeat(308) },
  {
    name: '127 levels of arrays',
    input: '['.repeat(127) + ']'.repeat(127),
    expect: '['.repeat(127) + ']'.repeat(127),
  },
  {
    name: '127 levels of objects',
    input: `${'{"a":'.repeat(126)}{}${'}'.repeat(126)}`,
    expect: `${'{"a":'.repeat(126)}{}${'}'.repeat(126)}`,
  },
  { name: 'many shallow arrays', input: `[${'[],'.repeat(500)}[]]`, expect: `[${'[],'.repeat(500)}[]]` },
]

for (const { name, input, expect } of valid) {
  test(`normal form: ${name}`, () => assert.deepEqual(normalise(input), { ok: true, text: expect }))
}

const invalid = [
  { name: 'nothing', input: '', expect: 'EOF while parsing a value at line 1 column 0' },
  { name: 'blanks', input: ' \n ', expect: 'EOF while parsing a value at line 2 column 1' },
  { name: 'a byte-order mark', input: '\ufeff{}', expect: 'expected value at line 1 column 1' },
  { name: 'a word', input: '[1,\n true, x]', expect: 'expected value at line 2 column 8' },
  { name: 'a capital word', input: 'True', expect: 'expected value at line 1 column 1' },
  { name: 'half a word', input: 'nul', expect: 'expected ident at line 1 column 1' },
  { name: 'a longer word', input: 'nulll', expect: 'trailing characters at line 1 column 5' },
  { name: 'NaN', input: 'NaN', expect: 'expected value at line 1 column 1' },
  { name: 'something behind', input: '{} {}', expect: 'trailing characters at line 1 column 4' },
  { name: 'a NUL behind', input: '1\0', expect: 'trailing characters at line 1 column 2' },
  { name: 'a vertical tab', input: '\v1', expect: 'expected value at line 1 column 1' },
  { name: 'a no-break space', input: '\u00a01', expect: 'expected value at line 1 column 1' },
  { name: 'a comment', input: '/**/1', expect: 'expected value at line 1 column 1' },
  { name: 'single quotes', input: "'a'", expect: 'expected value at line 1 column 1' },
  { name: 'an open array', input: '[1', expect: 'EOF while parsing a list at line 1 column 2' },
  { name: 'a comma at the end of an array', input: '[1,]', expect: 'expected value at line 1 column 4' },
  { name: 'two commas', input: '[1,,2]', expect: 'expected value at line 1 column 4' },
  { name: 'a missing comma', input: '[1 2]', expect: 'expected `,` or `]` at line 1 column 4' },
  { name: 'the wrong closer', input: '[1}', expect: 'expected `,` or `]` at line 1 column 3' },
  { name: 'a closer alone', input: ']', expect: 'expected value at line 1 column 1' },
  { name: 'an open object', input: '{', expect: 'EOF while parsing an object at line 1 column 1' },
  { name: 'a key without colon', input: '{"a" 1}', expect: 'expected `:` at line 1 column 6' },
  { name: 'a key without value', input: '{"a":}', expect: 'expected value at line 1 column 6' },
  { name: 'a bare key', input: '{a:1}', expect: 'key must be a string at line 1 column 2' },
  { name: 'a number as a key', input: '{1:1}', expect: 'key must be a string at line 1 column 2' },
  {
    name: 'a comma at the end of an object',
    input: '{"a":1,}',
    expect: 'key must be a string at line 1 column 8',
  },
  { name: 'an open string', input: '"abc', expect: 'EOF while parsing a string at line 1 column 4' },
  { name: 'an open escape', input: '"\\', expect: 'EOF while parsing a string at line 1 column 2' },
  { name: 'an unknown escape', input: '"\\x"', expect: 'invalid escape at line 1 column 3' },
  { name: 'a short hexadecimal escape', input: '"\\u12"', expect: 'invalid escape at line 1 column 3' },
  { name: 'a signed hexadecimal escape', input: '"\\u+123"', expect: 'invalid escape at line 1 column 3' },
  {
    name: 'a lone leading surrogate',
    input: '"\\ud83d"',
    expect: 'lone surrogate in hex escape at line 1 column 3',
  },
  {
    name: 'a leading surrogate and text',
    input: '"\\ud83dabcdef"',
    expect: 'lone surrogate in hex escape at line 1 column 3',
  },
  {
    name: 'a lone trailing surrogate',
    input: '"\\ude00"',
    expect: 'lone surrogate in hex escape at line 1 column 3',
  },
  {
    name: 'two leading surrogates',
    input: '"\\ud83d\\ud83d"',
    expect: 'lone surrogate in hex escape at line 1 column 3',
  },
  ...['', '\n', '\\x', '\\u00'].map(rest => ({
    name: `a lone surrogate in front of ${JSON.stringify(rest)}`,
    input: `"\\ud83d${rest}`,
    expect: 'lone surrogate in hex escape at line 1 column 3',
  })),
  {
    name: 'half a pair raw, half escaped',
    input: '"\ud83d\\ude00"',
    expect: 'lone surrogate at line 1 column 2',
  },
  { name: 'a raw lone surrogate', input: '"a\ude00"', expect: 'lone surrogate at line 1 column 3' },
  {
    name: 'a raw line break in a string',
    input: '"a\nb"',
    expect: 'control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3',
  },
  { name: 'a leading zero', input: '01', expect: 'invalid number at line 1 column 2' },
  { name: 'a minus alone', input: '[-]', expect: 'invalid number at line 1 column 3' },
  { name: 'a leading plus', input: '+1', expect: 'expected value at line 1 column 1' },
  { name: 'a leading point', input: '.5', expect: 'expected value at line 1 column 1' },
  { name: 'a trailing point', input: '[1.]', expect: 'invalid number at line 1 column 4' },
  { name: 'an exponent without digits', input: '[1e+]', expect: 'invalid number at line 1 column 5' },
  { name: 'a hexadecimal number', input: '0x1', expect: 'trailing characters at line 1 column 2' },
  { name: 'a number beyond all doubles', input: '[1e999]', expect: 'number out of range at line 1 column 2' },
  { name: 'a negative one', input: '-1e999', expect: 'number out of range at line 1 column 1' },
  { name: '400 digits', input: '9'.repeat(400), expect: 'number out of range at line 1 column 1' },
  {
    name: '128 levels of arrays',
    input: '['.repeat(128) + ']'.repeat(128),
    expect: 'recursion limit exceeded at line 1 column 128',
  },
  {
    name: '128 levels of objects',
    input: `${'{"a":'.repeat(127)}{}${'}'.repeat(127)}`,
    expect: 'recursion limit exceeded at line 1 column 636',
  },
  {
    name: 'a great many levels',
    input: '['.repeat(16_384),
    expect: 'recursion limit exceeded at line 1 column 128',
  },
]

for (const { name, input, expect } of invalid) {
  test(`no JSON: ${name}`, () => assert.deepEqual(normalise(input), { ok: false, detail: expect }))
}

test('the value of a string is read from its normal form', () => {
  const rows = [
    { input: '""', expect: '' },
    { input: '"a/é😀"', expect: 'a/é😀' },
    { input: '"\\"\\\\\\n\\u0000"', expect: '"\\\n\0' },
    { input: '1', expect: undefined },
    { input: 'null', expect: undefined },
    { input: '["a"]', expect: undefined },
    { input: '', expect: undefined },
  ]
  for (const { input, expect } of rows) assert.equal(stringOf(input), expect)
})
