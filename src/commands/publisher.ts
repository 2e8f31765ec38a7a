// `ringcast pub --<protocol> …`: the publisher that comes with the program that a front-end replaces. Arguments, request,
// texts and exit codes are the front-end's; here are the files that it names and the connection that it asks on.
import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Command } from 'commander'
import type { CommandEnding, PublishCommand, PublishReading } from '../frontends/publish.ts'
import { readRegularFile } from '../std/regular-file.ts'
import { reasonOf } from './api.ts'
import { endAs } from './drop-in.ts'
import type { Shell } from './output.ts'

/** What other programs take of one publication is less. */
const fileBytesMax = 16 * 1_048_576
/** Answers are a line. */
const answerBytesMax = 1_048_576
const answerTimeoutMs = 30_000

/** The publisher whose arguments these are: its protocol is named before everything else. */
export function findPublisher(
  { known }: Shell,
  [command, flag]: readonly string[],
): PublishCommand | undefined {
  return command === 'pub' ? known.find(({ name }) => flag === `--${name}`)?.publish : undefined
}

/** For the help page; `runPublisher` is called before one of these options would be read in its place. */
export function addPublishers(command: Command, { known }: Shell): void {
  for (const { name, publish } of known) {
    if (publish === undefined) continue
    command.option(`--${name}`, `${publish.summary}; say it first`)
    command.on(`option:${name}`, () => command.error(`error: --${name} must come before everything else`))
  }
}

export async function runPublisher(
  publisher: PublishCommand,
  args: readonly string[],
  shell: Shell,
): Promise<void> {
  const reading = publisher.read(args, {
    environment: shell.environment,
    unixSeconds: Math.floor(shell.clock.unixMs() / 1_000),
    readFile(path) {
      const file = readRegularFile(path, { bytesMax: fileBytesMax, follow: true })
      return file.ok ? file.bytes : file.reason
    },
  })
  endAs(reading.ok ? await deliver(reading) : reading, shell)
}

type Asking = Extract<PublishReading, { readonly request: Uint8Array }>

function deliver(reading: PublishReading & { readonly ok: true }): Promise<CommandEnding> {
  return 'deliver' in reading ? reading.deliver() : ask(reading)
}

async function ask({ host, port, isTls, request, judge, failed }: Asking): Promise<CommandEnding> {
  let answer = Buffer.alloc(0)
  const socket = isTls ? connectTls({ host, port, servername: nameOf(host) }) : connectPlain({ host, port })
  try {
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('it took too long')))
    socket.write(request)
    for await (const piece of socket) {
      const bytes: Uint8Array = piece
      answer = Buffer.concat([answer, bytes])
      if (answer.length > answerBytesMax) return failed('the answer is too long')
      const ending = judge(answer, false)
      if (ending !== undefined) return ending
    }
    return judge(answer, true) ?? failed('the answer broke off')
  } catch (error) {
    return judge(answer, true) ?? failed(reasonOf(error))
  } finally {
    socket.destroy()
  }
}

/** An address has no certificate by name. */
function nameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host
}
