// Contract §13.3: what is sent where nothing is published, instructions in JSON, and channels of the rule.
import {
  answer,
  at,
  type GripRow,
  get,
  instructs,
  opened,
  pass,
  plain,
  publishStream,
  read,
  reply,
  row,
  said,
  streams,
  text,
} from '../vocabulary.ts'

const keepAlive = (value: string) => [['Grip-Keep-Alive', value]] as const
const latestMs = 10_000

export const keepAlives: readonly GripRow[] = [
  row(
    '88',
    'a keep-alive counts from what was sent last',
    [at('/88', streams('c88', '', keepAlive('\\n; format=cstring; timeout=3')))],
    [
      [get('/88'), opened()],
      pass(1_500),
      publishStream('c88', 'm\n'),
      [read(), text('m\n')],
      [read(), text('\n', [1_950, latestMs])],
      [read(), text('\n', [1_950, latestMs])],
    ],
  ),
  row(
    '89',
    'but not by interval',
    [at('/89', streams('c89', '', keepAlive('\\n; format=cstring; timeout=3; mode=interval')))],
    [
      [get('/89'), opened()],
      pass(1_500),
      publishStream('c89', 'm\n'),
      [read(), text('m\n')],
      // Three seconds after the beginning or a little earlier, which is less than two after the publication.
      [read(), text('\n', [300, 2_700])],
      [read(), text('\n', [1_950, latestMs])],
    ],
  ),
  row(
    '90',
    'a raw keep-alive is what stands there, once a second at most',
    [at('/90', streams('c90', '', keepAlive('"hello world"; timeout=0')))],
    [
      [get('/90'), opened()],
      [read(), text('"hello world""hello world"')],
    ],
  ),
  row(
    '91',
    'a C string has escapes',
    [at('/91a', streams('c91a', '', keepAlive('a\\r\\n\\x41\\\\b; format=cstring; timeout=1')))],
    [
      [get('/91a'), opened()],
      [read(), text('a\r\nA\\b')],
    ],
  ),
  row(
    '91',
    'an unknown escape disappears',
    [at('/91b', streams('c91b', '', keepAlive('a\\tb; format=cstring; timeout=1')))],
    [
      [get('/91b'), opened()],
      [read(), text('abab')],
    ],
  ),
  row(
    '91',
    'a keep-alive may be Base64',
    [at('/91c', streams('c91c', '', keepAlive('AP8K; format=base64; timeout=1')))],
    [
      [get('/91c'), opened()],
      [read(), text('\u0000\u00ff\n')],
    ],
  ),
  row(
    '92',
    'instructions may be JSON with an answer in it',
    [
      at(
        '/92',
        instructs({
          hold: { mode: 'stream', channels: [{ name: 'c92' }], 'keep-alive': { content: '\n', timeout: 3 } },
          response: { code: 201, reason: 'Yo', headers: [['X-A', '1']], body: 'init\n' },
        }),
      ),
    ],
    [
      [get('/92'), opened([['x-a', '1']], '201 Yo')],
      [read(), text('init\n')],
      pass(1_500),
      publishStream('c92', 'm\n'),
      [read(), text('m\n')],
      // By interval, as in row 89.
      [read(), text('\n', [300, 2_700])],
    ],
  ),
  row(
    '93',
    'JSON may ask for an answer alone',
    [at('/93', instructs({ response: { code: 404, body: 'nf\n' } }))],
    [[get('/93'), answer('404 Not Found', [], 'nf\n')]],
  ),
  row(
    '110',
    'a target names channels of its own',
    [at('/sub/110', reply([['Grip-Hold', 'stream']], ''))],
    [
      [get('/sub/110'), opened()],
      publishStream('implicit1', '1\n'),
      [read(), text('1\n')],
      publishStream('implicit2', '2\n'),
      [read(), text('2\n')],
    ],
  ),
  row(
    '111',
    'which hold nothing by themselves',
    [at('/sub/111', plain('plain\n'))],
    [[get('/sub/111'), said('200 OK', 'plain\n')]],
  ),
  row(
    '112',
    'a prefix stands before all channels that an origin names',
    [at('/pfx/112', streams('c112', ''))],
    [
      [get('/pfx/112'), opened()],
      publishStream('c112', 'without\n'),
      publishStream('p-c112', 'with\n'),
      [read(), text('with\n')],
    ],
  ),
]
