// A script by its digest. A server forgets scripts when it starts and when it is promoted: then it is told the text, and goes on.
import { Fault } from '../../std/fault.ts'
import type { CallOptions, Connection, Done, Failure, Words } from './connection.ts'
import type { Script } from './scripts/script.ts'

export function runScript(
  connection: Connection,
  { sha, text }: Script,
  keys: readonly string[],
  values: Words,
  done: Done,
  options?: CallOptions,
): void {
  const words = ['EVALSHA', sha, String(keys.length), ...keys, ...values]
  connection.call(
    words,
    (reply, failure) => {
      // It says that nothing of the script was run.
      if (failure?.kind !== 'refused' || failure.code !== 'NOSCRIPT') return done(reply, failure)
      connection.call(['SCRIPT', 'LOAD', text], () => {})
      connection.call(words, done, options)
    },
    options,
  )
}

/** For steps on the way up, each of which waits for the one before. */
export function called(connection: Connection, words: Words): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.call(words, (reply, failure) => {
      if (failure === undefined) resolve(reply)
      else reject(failureFault(failure))
    })
  })
}

/** In the server's words. */
export function failureFault(failure: Failure): Fault {
  return new Fault('broker-away', failure.kind === 'refused' ? failure.text : 'the connection ended')
}
