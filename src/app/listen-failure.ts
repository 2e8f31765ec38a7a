// Why an address cannot be listened on. The library says yes or no alone, so that what it refused is tried once more with
// Node.js, which is told the reason.
import { lookup } from 'node:dns/promises'
import { createServer, isIP } from 'node:net'
import { describeListenFailure } from '../net/acceptor.ts'
import { variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { type Address, parseAddress } from '../std/address.ts'
import { codeOf } from '../std/fault.ts'
import type { Section } from '../std/setting.ts'

export interface ListenFailure {
  readonly protocol: string
  readonly address: Address
  /** As far as the library tells. */
  readonly reason: string
  /** Of the setting that names the address. */
  readonly variable: string
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not, since low ports need the capability net_bind_service',
}

/** A sentence. */
export async function explainFailure(failure: ListenFailure): Promise<string> {
  const { protocol, address, reason, variable } = failure
  const found = address.path === undefined ? await reasonOf(address) : undefined
  return describeListenFailure(protocol, address, found ?? reason, variable)
}

/** One sentence for each address of these sections whose host has no address itself. */
export async function unknownHosts(sections: readonly Section[], values: Values): Promise<readonly string[]> {
  const settings = sections.flatMap(({ name, fields }) =>
    Object.entries(fields).flatMap(([key, { type }]) => (type === 'address' ? [{ name, key }] : [])),
  )
  const sentences = settings.map(async ({ name, key }) => {
    const text = String(values[name]?.[key] ?? 'off')
    const { host = '' } = parseAddress(text) ?? {}
    const reason = host === '' || isIP(host) !== 0 ? undefined : await unknownHost(host)
    return reason === undefined ? [] : [`${variableOf(name, key)} is ${text}: ${reason}`]
  })
  return (await Promise.all(sentences)).flat()
}

/** Undefined: Node.js could listen, so it was a matter of the moment. */
function reasonOf({ host, port }: Address): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => {
      const code = codeOf(error)
      resolve(isUnknown(error) ? hostText(host, code) : (reasons[code] ?? code))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

async function unknownHost(host: string): Promise<string | undefined> {
  try {
    await lookup(host)
    return undefined
  } catch (error) {
    return hostText(host, codeOf(error))
  }
}

function isUnknown(error: Error): boolean {
  return 'syscall' in error && error.syscall === 'getaddrinfo'
}

function hostText(host: string, code: string): string {
  return `the host ${host} is not known (${code})`
}
