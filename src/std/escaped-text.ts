// Text out of the head of a request, before its escapes are read.
import { isUtf8 } from 'node:buffer'

/**
 * Whether all of it is UTF-8, what escapes mean included. Raw bytes that are none came as U+FFFD, each the same, and so
 * would what escapes mean: whatever is told apart by its name must be refused then. Who means U+FFFD escapes it.
 */
export function isIntact(raw: string): boolean {
  if (raw.includes('\ufffd')) return false
  if (!raw.includes('%')) return true
  const runs = raw.match(/(?:%[0-9a-f]{2})+/gi) ?? []
  return runs.every(run => isUtf8(Buffer.from(run.replaceAll('%', ''), 'hex')))
}
