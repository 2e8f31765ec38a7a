// What no single setting can be blamed for by its type, all of it at once.
import { parseCallUrl } from '../../../net/outgoing/call-url.ts'
import { allowanceFault } from '../../../net/outgoing/forbidden-addresses.ts'
import { assetMistakes } from '../assets/asset-settings.ts'
import type { PushwireSettings } from '../settings.ts'
import { parseClientId } from '../wire/operations.ts'
import { channelMistakes } from './channel-mistakes.ts'
import { channelRecordsOf } from './config.ts'
import { parseGrantText } from './permission.ts'

const prefix = 'RINGCAST_PUSHWIRE_'

/** One sentence each. */
export function mistakesIn(settings: PushwireSettings): readonly string[] {
  return [
    ...channelMistakes(settings.channels, `${prefix}CHANNELS`),
    ...tokenMistakes(settings).map(text => `${prefix}TOKENS${text}`),
    ...authMistakes(settings),
    ...assetMistakes(settings).map(text => `${prefix}ASSET_TYPES has ${text}`),
    ...settings.outgoingAllow.flatMap(text => {
      const fault = allowanceFault(text)
      return fault === undefined ? [] : [`${prefix}OUTGOING_ALLOW has '${text}', which ${fault}`]
    }),
  ]
}

function authMistakes({ auth, tokens, jwtSecret, jwksFile, authUrl }: PushwireSettings): readonly string[] {
  const mistakes: string[] = []
  const address = authUrl === '' ? undefined : parseCallUrl(authUrl)
  if (typeof address === 'string') mistakes.push(`${prefix}AUTH_URL ${address}`)
  const needs = (what: string) => `${prefix}AUTH is ${auth}, which needs ${what}`
  if (auth === 'static' && tokens.length === 0) mistakes.push(needs(`${prefix}TOKENS`))
  if (auth === 'jwt' && jwtSecret.length === 0 && jwksFile === '') {
    mistakes.push(needs(`${prefix}JWT_SECRET or ${prefix}JWKS_FILE`))
  }
  if (auth === 'webhook' && authUrl === '') mistakes.push(needs(`${prefix}AUTH_URL`))
  return mistakes
}

/** Each begins with its place in the list. A digest is not shown: whoever has it can try tokens. */
function tokenMistakes(settings: PushwireSettings): readonly string[] {
  const { tokens } = settings
  const known = new Set(channelRecordsOf(settings).map(({ name }) => name))
  const places = new Map<string, number>()
  return tokens.flatMap(({ sha256, channels = [], clientId }, index) => {
    const digest = sha256.toLowerCase()
    const earlier = places.get(digest)
    places.set(digest, earlier ?? index)
    const texts = channels.flatMap(text => grantMistakes(text, known))
    if (!/^[0-9a-f]{64}$/.test(digest)) texts.push('.sha256 must be 64 hexadecimal digits')
    else if (earlier !== undefined) texts.push(`.sha256 is the one of [${earlier}]`)
    if (clientId !== undefined && parseClientId(clientId) === undefined) {
      texts.push(`.clientId is '${clientId}', which is no UUID`)
    }
    return texts.map(text => `[${index}]${text}`)
  })
}

function grantMistakes(text: string, known: ReadonlySet<string>): readonly string[] {
  const grant = parseGrantText(text)
  if (grant === undefined)
    return [`.channels has '${text}', which is neither name nor name:r, name:w, name:rw`]
  return known.has(grant[0]) ? [] : [`.channels has '${text}', and there is no channel of that name`]
}
