// What things are called in Redis. A channel's keys, and what is sent of it, carry the hash tag of its partition, so that a
// Redis Cluster keeps them in one slot.
import { crc32 } from 'node:zlib'
import type { ChannelName } from '../../engine/words/publication.ts'

/** Partition i of 64 is in slot 256 × i: even over any number of servers up to 16. All as long as each other. */
const tags = (
  '05cc 0bje 045j 06r4 0hdk 07du 0i2b 06vt 01on 03l8 009g 0g0a 09b6 03hx 08p7 02zy ' +
  '056i 07q7 0aj0 06c6 0h1a 07uw 0anp 06gv 09wt 0392 00lm 0gek 09s4 03yz 08a5 0oh3 ' +
  '0bku 05bs 0cyt 044z 07ee 05f3 063l 04t2 0fgx 09gf 0g1q 008w 03ih 0liv 0g51 0e6g ' +
  '0bzw 057y 0chv 04ap 070o 0539 06ff 04e0 0f2r 092l 0omc 08de 03xj 0d5d 02jk 0ecm'
).split(' ')

const partitionsMax = tags.length

/** Slots of a Redis Cluster. */
export const slotCount = 16_384

/** As Redis Cluster has it: CRC-16 (polynomial 0x1021, from 0) of what is within the first braces that hold something. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open + 1)
  const hashed = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key
  let crc = 0
  for (const byte of Buffer.from(hashed)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc % slotCount
}

/** One letter each, behind the tag. */
const kinds = { record: 'm', history: 'h', presence: 'p', deliveries: 'c' } as const

export class Keys {
  readonly partitions: number
  /** Bytes before the letter of a kind. */
  readonly baseBytes: number
  /** By partition, with the colon behind the tag. */
  readonly #bases: readonly string[]
  /** The other way round. */
  readonly #partitions: ReadonlyMap<string, number>

  /** The prefix has no braces and no characters beyond ASCII. */
  constructor(prefix: string, partitions: number) {
    if (partitions < 1 || partitions > partitionsMax)
      throw new RangeError(`${partitions} partitions are not 1 to ${partitionsMax}`)
    this.partitions = partitions
    this.#bases = Array.from({ length: partitions }, (_, index) => {
      const tag = tags[Math.floor((index * partitionsMax) / partitions)] ?? ''
      return `${prefix}:{${tag}}:`
    })
    this.#partitions = new Map(this.#bases.map((base, index) => [base, index]))
    this.baseBytes = this.#baseOf(0).length
  }

  partitionOf(channel: string): number {
    return crc32(channel) % this.partitions
  }

  /** Where all keys of the partition are. */
  slotOf(partition: number): number {
    return slotOf(this.#baseOf(partition))
  }

  of(kind: keyof typeof kinds, channel: ChannelName): string {
    return `${this.#baseOf(this.partitionOf(channel))}${kinds[kind]}:${channel}`
  }

  /** Names may hold colons: how long it is says where the name ends. */
  idempotency(channel: ChannelName, key: string): string {
    return `${this.#baseOf(this.partitionOf(channel))}k:${Buffer.byteLength(channel)}:${channel}:${key}`
  }

  /** Of an id that a publisher gave. */
  seen(channel: ChannelName, id: string): string {
    return `${this.#baseOf(this.partitionOf(channel))}s:${Buffer.byteLength(channel)}:${channel}:${id}`
  }

  watched(partition: number): string {
    return `${this.#baseOf(partition)}w`
  }

  feed(partition: number): string {
    return `${this.#baseOf(partition)}f`
  }

  nodes(partition: number): string {
    return `${this.#baseOf(partition)}nodes`
  }

  /** What each of them says of itself. */
  about(partition: number): string {
    return `${this.#baseOf(partition)}about`
  }

  /** Heard by one worker of one node. */
  ping(partition: number, worker: string): string {
    return `${this.#baseOf(partition)}ping:${worker}`
  }

  /** What all nodes must agree on; the same key however many partitions there are. */
  agreed(): string {
    return `${this.#baseOf(0)}config`
  }

  rehearsal(partition: number, worker: string, part: string): string {
    return `${this.#baseOf(partition)}try:${worker}:${part}`
  }

  /** A key that nobody writes. */
  probe(partition: number): string {
    return `${this.#baseOf(partition)}none`
  }

  /** Of a channel of Redis. */
  partitionAt(bytes: Buffer): number | undefined {
    return this.#partitions.get(bytes.toString('latin1', 0, this.baseBytes))
  }

  /** What a channel of Redis is for, out of its bytes: the name behind it is empty where it has none. */
  read(bytes: Buffer): { readonly kind: string; readonly name: string } {
    const colon = bytes.indexOf(58, this.baseBytes) // a colon
    if (colon < 0) return { kind: bytes.toString('latin1', this.baseBytes), name: '' }
    return { kind: bytes.toString('latin1', this.baseBytes, colon), name: bytes.toString('utf8', colon + 1) }
  }

  #baseOf(partition: number): string {
    const base = this.#bases[partition]
    if (base === undefined) throw new RangeError(`there is no partition ${partition}`)
    return base
  }
}
