// One server at a time, with all partitions on it: it stands alone, or Sentinels name it.

import { agree } from './agreement.ts'
import { Link } from './link.ts'
import type { Place } from './place.ts'
import type { Route, RouteSigns } from './route.ts'
import type { LinkWorld } from './world.ts'

export function createSingleRoute(world: LinkWorld, locate: () => Promise<Place>): Route {
  let link: Link | undefined
  let said = ''
  return {
    lanes: 1,
    start(signs: RouteSigns) {
      const down = (reason: string) => {
        said = reason
        signs.down(0, reason)
      }
      const target = { locate, anchor: () => 0, check: (one: Link) => agree(one, world.keys) }
      const made: Link = new Link(world, target, {
        up() {
          said = ''
          signs.up(0)
        },
        down,
        failed: reason => reason !== said && down(reason),
        message: (channel, payload) => signs.message(made, channel, payload),
        nodes: signs.nodes,
        // Nobody but the server can end them, and it has no reason to.
        unsubscribed: () => link?.die('it ended a subscription'),
        moved: (_, text) => link?.die(text),
      })
      link = made
      made.start()
    },
    linkOf: () => (link?.isUp === true ? link : undefined),
    moved: (_, text) => link?.die(text),
    close: () => link?.close(),
  }
}
