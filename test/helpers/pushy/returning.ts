// The EventSource that browsers have: it comes back by itself, with the last id that it has.
import { EventSource } from 'eventsource'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { protocolDoor } from '../cluster/numbered-publisher.ts'
import { secrets } from '../daemon.ts'
import { streaming } from '../protocols/streaming.ts'
import { shipped } from '../proxies.ts'
import type { Rolling } from '../rolling/protocol.ts'
import { placeIn, ReturningClient } from '../rolling/returning-client.ts'

export const rolling: Rolling = {
  name: 'pushy',
  paths: [{ path: '/channels/' }, { path: '/publish/' }],
  environment: { RINGCAST_PUSHY_COOKIE: 'pushy' },
  nginx: upstream => shipped('nginx/ringcast-pushy.conf').replaceAll('127.0.0.1:4000', upstream),
  hasPlain: false,
  channel: index => `page-${index}`,
  client: returning => new Page(returning),
  door(site) {
    const protocol = streaming.find(({ name }) => name === 'pushy')
    if (protocol === undefined) throw new Error('its folder has no streams')
    return protocolDoor(site, protocol)
  },
}

class Page extends ReturningClient {
  #source: EventSource | undefined

  connect(): void {
    const token = mintJwt(secrets.jwt, { channels: [this.channel] })
    const source = new EventSource(`http://${this.site}/channels/${this.channel}/stream`, {
      fetch: (target, options) =>
        fetch(target, { ...options, headers: { ...options.headers, cookie: `pushy=${token}` } }),
    })
    this.#source = source
    source.addEventListener('error', ({ code, message }) => {
      this.lost()
      if (code !== undefined) this.words.push(`${code} ${message}`)
      if (source.readyState === source.CLOSED && !this.isStopped) this.hasGivenUp = true
    })
    // A proxy's answer that only says when to come again is no life.
    source.addEventListener('message', ({ data, lastEventId }) => {
      this.opened()
      const place = placeIn(lastEventId)
      // The page is not shown the id that opens its stream.
      if (this.place === undefined) this.told({ ...place, offset: place.offset - 1 }, false)
      this.took(data, place)
    })
    source.addEventListener('gap', ({ lastEventId }) => {
      this.opened()
      this.told(placeIn(lastEventId), true)
    })
    source.addEventListener('open', () => this.opened())
  }

  protected leave(): void {
    this.#source?.close()
  }
}
