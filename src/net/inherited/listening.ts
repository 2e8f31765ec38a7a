// The sockets that listen, as the kernel's tables have them: where each one does, and which descriptors of this process are
// such a socket.
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { SocketAddress } from 'node:net'
import type { Address } from '../../std/address.ts'

/** Of this process. */
export interface Listening {
  readonly descriptor: number
  /** Two descriptors with the same are the same socket. */
  readonly inode: string
  readonly address: Address
}

/** By the inode of each socket that listens in this network. `hasPaths`: unix sockets, too. */
export function listeningAddresses(hasPaths: boolean): ReadonlyMap<string, Address> {
  const ports = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap(portsIn)
  return new Map(hasPaths ? [...ports, ...pathsIn('/proc/self/net/unix')] : ports)
}

/** Undefined: no socket has the number. */
export function inodeOf(descriptor: number | string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1]
  } catch {
    return undefined // closed, or never open
  }
}

/** The number of the one that listens there, where the caller knows that few are open. */
export function descriptorOf({ host, port }: Address): number | undefined {
  const addresses = listeningAddresses(false)
  const name = readdirSync('/proc/self/fd').find(each => {
    const address = addresses.get(inodeOf(each) ?? '')
    return address?.port === port && address.host === host
  })
  return name === undefined ? undefined : Number(name)
}

/** So many numbers are looked at in one turn: 5 ms. */
const numbersPerTurn = 1_024

/** All of this process. A hundred thousand connections are as many numbers to look at, so others have turns in between. */
export async function ownListening(hasPaths: boolean): Promise<readonly Listening[]> {
  const addresses = listeningAddresses(hasPaths)
  const found: Listening[] = []
  for await (const { name } of await opendir('/proc/self/fd', { bufferSize: numbersPerTurn })) {
    const inode = inodeOf(name) ?? ''
    const address = addresses.get(inode)
    if (address !== undefined) found.push({ descriptor: Number(name), inode, address })
  }
  return found
}

const listening = '0A'

/** Columns of proc_pid_net(5): the local address ends in the port, then the other end's, the state; the tenth is the inode. */
function portsIn(table: string): readonly (readonly [string, Address])[] {
  return listenersFrom(table)
    .split('\n')
    .flatMap(line => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      const [host = '', port = ''] = local.split(':')
      return state === listening
        ? [[inode, { host: hostFrom(host), port: Number.parseInt(port, 16) }] as const]
        : []
    })
}

/** In words of 32 bits, each of which is written as a number of this machine's order of bytes. */
function hostFrom(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  bytes.swap32()
  if (bytes.length === 4) return bytes.join('.')
  return plainHost(bytes.toString('hex').replace(/(....)(?=.)/g, '$1:'))
}

/** Of an IPv6 address its one spelling; one that stands for an IPv4 address is that. */
export function plainHost(host: string): string {
  if (!host.includes(':')) return host
  const { address } = new SocketAddress({ address: host, family: 'ipv6' })
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}

/** Columns of proc_pid_net(5): flags, of which one says that it accepts, then type, state, inode and path. */
function pathsIn(table: string): readonly (readonly [string, Address])[] {
  return [...readFileSync(table, 'latin1').matchAll(/^\S+ \S+ \S+ 00010000 0001 \S+ +(\d+) (\/.*)$/gm)].map(
    ([, inode = '', path = '']) => [
      inode,
      { host: '', port: 0, path: Buffer.from(path, 'latin1').toString() },
    ],
  )
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
