// How much the kernel may hold of what a client sent. The library reads a socket again for as long as a read comes back
// full, with 512 KB, and some of what it reads calls nobody: endless fragments without a byte, the digits of a chunk's
// size. Such a client never lets go of the thread, and nothing of ours can notice (README, rule 18). A receive buffer
// that never holds so much ends that: the kernel gives a listener's size to every connection that it accepts.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { faultText } from '../std/fault.ts'

/** What the library reads at once. */
const readBytes = 524_288

/** The kernel takes twice as much, its own records included: a window of 128 KB is 10 Mbit/s at a round trip of 100 ms. */
const bufferBytes = 131_072

/** Where new connections get it from; the third number is what a buffer may grow to. */
const limitFile = '/proc/sys/net/ipv4/tcp_rmem'

/**
 * Node.js sets the option of UDP sockets alone, by a descriptor that it then owns: so a process of its own does it to
 * its copies of our descriptors, which are the same sockets, and ends. It exits with 1 where one was refused.
 */
const program = `
  const { UDP } = process.binding('udp_wrap')
  let failed = 0
  for (let fd = 3; fd < 3 + Number(process.argv[1]); fd++) {
    const handle = new UDP()
    if (handle.open(fd) !== 0 || handle.bufferSize(${bufferBytes}, true, {}) === undefined) failed = 1
  }
  process.reallyExit(failed)
`

/** For all TCP ports that this process listens on. A reason where clients can still stall a worker. */
export async function boundReceiveBuffers(ports: readonly number[]): Promise<string | undefined> {
  try {
    if (ports.length === 0 || growsTo() < readBytes) return undefined
    const descriptors = listenersOf(ports)
    if (descriptors.length < ports.length) return 'the listeners were not found'
    return await bound(descriptors)
  } catch (error) {
    return faultText(error)
  }
}

function growsTo(): number {
  return Number(readFileSync(limitFile, 'utf8').trim().split(/\s+/)[2])
}

function bound(descriptors: readonly number[]): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['-e', program, String(descriptors.length)], {
      stdio: ['ignore', 'ignore', 'ignore', ...descriptors],
      env: {},
    })
    child.once('error', error => resolve(error.message))
    child.once('exit', (status, signal) => {
      resolve(status === 0 ? undefined : `the program for it ended with ${status ?? signal}`)
    })
  })
}

/** Descriptors of this process that listen on these ports. */
function listenersOf(ports: readonly number[]): readonly number[] {
  const inodes = new Set([...inodesIn('/proc/net/tcp', ports), ...inodesIn('/proc/net/tcp6', ports)])
  return readdirSync('/proc/self/fd').flatMap(name => {
    const [, inode = ''] = /^socket:\[(\d+)\]$/.exec(targetOf(`/proc/self/fd/${name}`)) ?? []
    return inodes.has(inode) ? [Number(name)] : []
  })
}

const listening = '0A'

/** Columns of proc_pid_net(5): the local address ends in the port, then the other end's, the state; the tenth is the inode. */
function inodesIn(path: string, ports: readonly number[]): readonly string[] {
  return listenersFrom(path)
    .split('\n')
    .flatMap(line => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      const port = Number.parseInt(local.split(':')[1] ?? '', 16)
      return state === listening && ports.includes(port) ? [inode] : []
    })
}

const pieceBytes = 65_536
/** A line of a socket that does not listen, as far as its state at least. */
const otherLine = new RegExp(`^ *\\d+: \\S+ \\S+ (?!${listening})[0-9A-F]{2} `, 'm')

/**
 * The table of sockets as far as it holds listeners. The kernel puts them first and makes the lines while they are read,
 * one for every connection of the machine: the whole of it is a second of this thread where there are a million.
 */
function listenersFrom(path: string): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return '' // a kernel without IPv6 has no table of it
  }
  try {
    const piece = Buffer.alloc(pieceBytes)
    let table = ''
    for (;;) {
      const length = readSync(file, piece)
      table += piece.toString('latin1', 0, length)
      if (length === 0 || otherLine.test(table)) return table
    }
  } finally {
    closeSync(file)
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed since the folder was read
  }
}
