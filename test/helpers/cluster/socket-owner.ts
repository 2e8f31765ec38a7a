// Which process has the other end of a connection on the loopback, as the kernel tells it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** `port` is the one that the process connects from. */
export function ownsSocket(pid: number, port: number): boolean {
  const inode = inodeOf(port)
  if (inode === undefined) return false
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).some(name => {
    try {
      return readlinkSync(`${folder}/${name}`) === `socket:[${inode}]`
    } catch {
      return false // closed since
    }
  })
}

/** The table's lines: number, local address, remote address, state … inode. */
function inodeOf(port: number): string | undefined {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  return lines.map(line => line.trim().split(/\s+/)).find(fields => fields[1] === local)?.[9]
}
