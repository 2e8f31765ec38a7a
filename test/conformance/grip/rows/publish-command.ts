// Contract §11: what the publishing command sends and says (rows 300 and 301).

export interface CommandRow {
  readonly name: string
  readonly args: readonly string[]
  /** Of the one item that is sent; without it, nothing is. */
  readonly item?: object
  /** By exit code; what is printed where it is 0. */
  readonly error?: string
  readonly from: string
}

const bodies = (text: string, code = 200) => ({
  'http-response': { body: `${text}\n`, code },
  'http-stream': { content: `${text}\n` },
  'ws-message': { content: text },
})
const all = (format: object) => ({ 'http-response': format, 'http-stream': format, 'ws-message': format })
const row = (
  name: string,
  args: readonly string[],
  sent: Pick<CommandRow, 'item' | 'error'>,
): CommandRow => ({
  name,
  args,
  from: 'contract §11',
  ...sent,
})

export const publishCommands: readonly CommandRow[] = [
  row('300: a content has three forms', ['ch', 'hello'], {
    item: { channel: 'ch', formats: bodies('hello') },
  }),
  row('301: --no-eol adds no line end', ['--no-eol', 'ch', 'hello'], {
    item: {
      channel: 'ch',
      formats: {
        'http-response': { body: 'hello', code: 200 },
        'http-stream': { content: 'hello' },
        'ws-message': { content: 'hello' },
      },
    },
  }),
  row('301: --code is that of a response', ['--code', '404', 'ch', 'x'], {
    item: { channel: 'ch', formats: bodies('x', 404) },
  }),
  row('301: --code has a range', ['--code', '1000', 'ch', 'x'], {
    error: 'Error: code must be an integer between 0 and 999\n',
  }),
  row('301: headers and meta', ['-H', 'X-A: 1', '-H', 'X-A: 2', '-M', 'k=v', '--sender', 'me', 'ch', 'x'], {
    item: {
      channel: 'ch',
      formats: {
        ...bodies('x'),
        'http-response': {
          body: 'x\n',
          code: 200,
          headers: [
            ['X-A', '1'],
            ['X-A', '2'],
          ],
        },
      },
      meta: { k: 'v', sender: 'me' },
    },
  }),
  row('301: ids', ['--id', '2', '--prev-id', '1', '--no-seq', 'ch', 'x'], {
    item: { channel: 'ch', id: '2', 'prev-id': '1', 'no-seq': true, formats: bodies('x') },
  }),
  row('301: --hint', ['--hint', 'ch'], { item: { channel: 'ch', formats: all({ action: 'hint' }) } }),
  row('301: --close', ['--close', 'ch'], {
    item: {
      channel: 'ch',
      formats: { 'http-stream': { action: 'close' }, 'ws-message': { action: 'close' } },
    },
  }),
  row('301: --patch', ['--patch', 'ch', '[{"op":"add","path":"/a","value":1}]'], {
    item: {
      channel: 'ch',
      formats: { 'http-response': { 'body-patch': [{ op: 'add', path: '/a', value: 1 }], code: 200 } },
    },
  }),
  row('301: no content', ['ch'], { error: 'Error: must specify content\n' }),
  row('301: credentials need TLS', ['-u', 'user:pass', 'ch', 'x'], {
    error: 'Error: Authentication requires https\n',
  }),
]
