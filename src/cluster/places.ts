// Where a broker is, out of the addresses that an operator writes. None may hold a password: addresses are shown.
import { type Address, parseAddress } from '../std/address.ts'
import { visibleText } from '../std/visible.ts'

export interface BrokerPlaces {
  /** `servers`: one that stands alone, or some of a cluster, which tell of the others. */
  readonly kind: 'servers' | 'sentinels'
  readonly places: readonly Address[]
  readonly isTls: boolean
  /** What Sentinels call the master; empty for servers. */
  readonly masterName: string
}

const schemes: Readonly<Record<string, Pick<BrokerPlaces, 'kind' | 'isTls'>>> = {
  redis: { kind: 'servers', isTls: false },
  rediss: { kind: 'servers', isTls: true },
  'redis+sentinel': { kind: 'sentinels', isTls: false },
  'rediss+sentinel': { kind: 'sentinels', isTls: true },
}

const usualPorts = { servers: 6_379, sentinels: 26_379 } as const

/** A cluster tells of its other servers, and nobody has so many Sentinels. */
const placesMax = 64

const form = /^(?<scheme>[a-z+]+):\/\/(?<hosts>[^/?#\s]+)(?:\/(?<path>[^/?#\s]*))?$/
/** As Sentinel takes it (`sentinel monitor`). */
const masterForm = /^[\w.-]{1,128}$/

/** A string is the end of a sentence that begins with the setting. */
export function parsePlaces(urls: readonly string[]): BrokerPlaces | string {
  const texts = rejoin(urls)
  const read: BrokerPlaces[] = []
  for (const text of texts) {
    const places = parseUrl(text)
    if (typeof places === 'string')
      return texts.length === 1 ? places : `${places} (entry ${read.length + 1})`
    read.push(places)
  }
  const [first, second] = read
  if (first === undefined) return 'names no server'
  if (read.some(({ kind, isTls }) => kind !== first.kind || isTls !== first.isTls))
    return 'has addresses of several kinds; all must begin alike'
  if (first.kind === 'sentinels' && second !== undefined)
    return 'names Sentinels several times; write all hosts into one address: redis+sentinel://a,b,c/name'
  const places = read.flatMap(each => each.places)
  return places.length > placesMax ? `names more than ${placesMax} hosts` : { ...first, places }
}

/** Hosts of one address are separated by the comma that also separates addresses. */
function rejoin(urls: readonly string[]): readonly string[] {
  const text = urls.join(',')
  return text === '' ? [] : text.split(/,(?=[a-z+]+:\/\/)/)
}

function parseUrl(text: string): BrokerPlaces | string {
  // Not shown: whatever stands before the sign may be a password.
  if (text.includes('@'))
    return 'has a user or a password in it; both have settings of their own, username and password'
  const { scheme = '', hosts = '', path = '' } = form.exec(text)?.groups ?? {}
  const known = schemes[scheme]
  if (known === undefined || hosts === '') {
    return `must look like redis://host:port, rediss://host:port or redis+sentinel://host:port,host:port/name, not '${shown(text)}'`
  }
  const masterName = known.kind === 'sentinels' ? path : ''
  if (known.kind === 'sentinels' && !masterForm.test(masterName))
    return 'must end in the name of a master: redis+sentinel://host:port/name'
  if (known.kind === 'servers' && path !== '' && path !== '0') {
    return 'names a database, but all databases of a server share what is sent; leave it out, and tell clusters apart by their prefix'
  }
  const usual = usualPorts[known.kind]
  const places: Address[] = []
  for (const host of hosts.split(',')) {
    const place = parseAddress(/:\d+$/.test(host) ? host : `${host}:${usual}`)
    if (place === undefined || place.port === 0 || place.path !== undefined)
      return `has the host '${shown(host)}', which is none`
    places.push(place)
  }
  return { ...known, places, masterName }
}

function shown(text: string): string {
  return visibleText(text.slice(0, 100))
}
