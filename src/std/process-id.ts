// Who a process is, for a file that outlives it. A number may be another process by now, in a container above all, so the
// start belongs to it.
import { readRegularFile } from './regular-file.ts'

/** Fifty-two numbers and a name (proc(5)). */
const statBytesMax = 4_096

/** `1234 567890`: the number, and the clock ticks since boot at which it started; undefined: there is no such process. */
export function identityOf(pid: number): string | undefined {
  const stat = readRegularFile(`/proc/${pid}/stat`, { bytesMax: statBytesMax, follow: false })
  if (!stat.ok) return undefined // gone, or hidden from us
  const text = stat.bytes.toString('latin1')
  // The program's name, in brackets, may hold blanks and brackets itself; the start is the twentieth field behind it.
  return `${pid} ${text.slice(text.lastIndexOf(')') + 2).split(' ')[19]}`
}
