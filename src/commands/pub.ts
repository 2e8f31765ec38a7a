// `ringcast pub`: publishes over the HTTP API what is said as an argument or on standard input.
import { type Command, Option } from 'commander'
import { Fault } from '../std/fault.ts'
import { type Api, type ApiOptions, apiFlags, findApi } from './api.ts'
import { readAll, readLines } from './input.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'
import { addAddressed, findAddressed, publishAddressed } from './pub-addressed.ts'
import { batchesOf, type Entry, entryOf, type Kind } from './pub-entry.ts'
import { send } from './pub-request.ts'
import { addPublishers } from './publisher.ts'

interface Options extends ApiOptions {
  readonly text?: true
  readonly base64?: true
  readonly lines?: true
  readonly json?: true
  readonly idempotencyKey?: string
}

export function addPub(program: Command, shell: Shell): void {
  const command = program
    .command('pub')
    .summary('publish to a channel over the HTTP API')
    .usage('[options] <channel> [data]')
    .argument('<channel>', 'name of the channel')
    .argument('[data]', 'what to publish; absent or -: standard input, without one line end at its end')
    .description(
      'Publishes and prints the position of the publication and the number of subscribers. Data is JSON unless said ' +
        'otherwise. The secret comes from RINGCAST_ADMIN_SECRET, RINGCAST_ADMIN_SECRET_FILE or the settings file.',
    )
    .addOption(new Option('--text', 'data is text, as it is').conflicts('base64'))
    .option('--base64', 'data is bytes, written as base64')
    .option(
      '--lines',
      'each line of standard input is one publication, sent as it comes; empty lines are left out',
    )
    .option(
      '--idempotency-key <key>',
      'publish once, however often this is repeated; with --lines: KEY-1, KEY-2, …',
    )
    .option('--json', 'print the answer of the API, one object per publication')
    .option(...apiFlags.url)
    .option(...apiFlags.config)
    .addHelpText(
      'after',
      helpEnd(
        [
          `ringcast pub demo '{"hello":"world"}'`,
          'date | ringcast pub demo --text',
          'base64 -w0 picture.png | ringcast pub pictures --base64',
          'tail -f events.jsonl | ringcast pub demo --lines',
        ],
        {
          0: 'published',
          1: 'refused or failed; the reason is on standard error',
          2: 'wrong usage, data that is no JSON included; with --lines the lines before it are published',
          3: 'temporary: no answer, or the node is overloaded or stopping; try again, best with an --idempotency-key',
        },
      ),
    )
    .action(async (channel: string, data: string | undefined, options: Options) =>
      shell.end(await publish(channel, data, options, shell)),
    )
  addAddressed(command, shell)
  addPublishers(command, shell)
}

async function publish(
  channel: string,
  data: string | undefined,
  options: Options,
  shell: Shell,
): Promise<number> {
  const { terminal } = shell
  const isInput = data === undefined || data === '-'
  if (options.lines && !isInput)
    return refuse(shell, ['--lines reads standard input; leave the data out'], exitCode.usage)
  const kind: Kind = options.text ? 'text' : options.base64 ? 'base64' : 'data'
  const addressed = findAddressed(options, shell)
  if (addressed !== undefined)
    return await publishAddressed(addressed, { channel, data, kind, options }, shell)
  const read = (text: string) => entryOf({ channel, kind, text, key: options.idempotencyKey })
  const said = isInput ? undefined : read(data)
  if (said !== undefined && 'mistake' in said) return refuse(shell, [said.mistake], exitCode.usage)
  const api = findApi(shell, options)
  if ('mistakes' in api) return refuse(shell, api.mistakes)
  if (isInput && terminal.isTyped) {
    terminal.complain('reading what to publish from the terminal; end with Ctrl-D')
  }
  try {
    if (options.lines) return await publishLines(channel, kind, options, api, shell)
    const entry = said ?? read(await readAll(terminal.input))
    if ('mistake' in entry) return refuse(shell, [entry.mistake], exitCode.usage)
    return await send(entry.json, [], api, shell, options.json)
  } catch (error) {
    if (error instanceof Fault) return refuse(shell, [error.message], exitCode.usage)
    throw error
  }
}

/** Stops at the first line that is refused: what follows may build on it. */
async function publishLines(
  channel: string,
  kind: Kind,
  { idempotencyKey, ...options }: Options,
  api: Api,
  shell: Shell,
): Promise<number> {
  let line = 0
  for await (const texts of readLines(shell.terminal.input)) {
    const entries: Entry[] = []
    let mistake: string | undefined
    for (const text of texts) {
      line++
      if ((kind === 'text' ? text : text.trim()) === '') continue
      const key = idempotencyKey === undefined ? undefined : `${idempotencyKey}-${line}`
      const entry = entryOf({ channel, kind, text, key })
      if ('mistake' in entry) {
        mistake = `line ${line}: ${entry.mistake}`
        break
      }
      entries.push({ json: entry.json, line })
    }
    for (const batch of batchesOf(entries, api.bodyBytesMax)) {
      const body = `[${batch.map(({ json }) => json).join(',')}]`
      const numbers = batch.map(one => one.line)
      const code = await send(body, numbers, api, shell, options.json)
      if (code !== exitCode.ok) return code
    }
    if (mistake !== undefined) return refuse(shell, [mistake], exitCode.usage)
  }
  return exitCode.ok
}
