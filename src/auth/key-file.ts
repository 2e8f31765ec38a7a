// The file of a key set, read again on SIGHUP and by each new worker: it is never waited for.
import { Fault } from '../std/fault.ts'
import { readRegularFile } from '../std/regular-file.ts'

/** The longest keys take a few thousand bytes each, and certificates beside them as much again. */
const keyFileBytesMax = 1_048_576

/** Its text. Throws a sentence for the operator. */
export function readKeyFile(path: string): string {
  const reading = readRegularFile(path, { bytesMax: keyFileBytesMax, follow: true })
  if (!reading.ok)
    throw new Fault('key-set-unreadable', `the key set ${path} cannot be read: ${reading.reason}`)
  return reading.bytes.toString('utf8')
}
