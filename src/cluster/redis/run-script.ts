// A script by its digest. A server forgets scripts when it starts and when it is promoted: then it is told the text, and goes on.
import type { CallOptions, Connection, Done, Words } from './connection.ts'
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
