// All questions, in the order in which a whole run asks them.
import type { MakeQuestion } from './question.ts'
import { cluster } from './scenarios/cluster.ts'
import { clusterOneChannel } from './scenarios/cluster-one-channel.ts'
import { idleGripSockets } from './scenarios/grip-idle-sockets.ts'
import { idleGripStreams } from './scenarios/grip-idle-streams.ts'
import { joinedGripItems } from './scenarios/grip-joined-items.ts'
import { manyGripPublishers } from './scenarios/grip-many-publishers.ts'
import { manyGripStreams } from './scenarios/grip-many-subscribers.ts'
import { newGripStreams } from './scenarios/grip-new-streams.ts'
import { plainGripRequests } from './scenarios/grip-plain-requests.ts'
import { gripSocketMessages } from './scenarios/grip-socket-messages.ts'
import { gripByZeromq } from './scenarios/grip-zeromq.ts'
import { idlePushwire } from './scenarios/idle-pushwire.ts'
import { idleStreams } from './scenarios/idle-streams.ts'
import { idleWebSockets } from './scenarios/idle-websockets.ts'
import { lanesOfPushwire } from './scenarios/lanes.ts'
import { largeBroadcast } from './scenarios/large-broadcast-beside-a-small-channel.ts'
import { manyChannels } from './scenarios/many-channels.ts'
import { mostStreams } from './scenarios/most-streams.ts'
import { newPushwire } from './scenarios/new-pushwire.ts'
import { newStreams } from './scenarios/new-streams.ts'
import { nobodyReads } from './scenarios/nobody-reads.ts'
import { nobodyReadsAutocannon } from './scenarios/nobody-reads-autocannon.ts'
import { manyPublishers } from './scenarios/one-channel-many-publishers.ts'
import { manySubscribers } from './scenarios/one-channel-many-subscribers.ts'
import { privateStreams } from './scenarios/private-streams.ts'
import { publishEach } from './scenarios/publish-each.ts'
import { pushwireInbound } from './scenarios/pushwire-inbound.ts'
import { manyPushwireClients } from './scenarios/pushwire-many-subscribers.ts'
import { pushwireResume } from './scenarios/pushwire-resume.ts'
import { resume } from './scenarios/resume.ts'
import { severalChannels } from './scenarios/sse-several.ts'
import { manyPublishersOfWebSockets } from './scenarios/websockets-many-publishers.ts'
import { manyWebSockets } from './scenarios/websockets-many-subscribers.ts'

export const questions: readonly MakeQuestion[] = [
  manySubscribers,
  manyPublishers,
  manyChannels,
  nobodyReads,
  nobodyReadsAutocannon,
  idleStreams,
  mostStreams,
  newStreams,
  resume,
  largeBroadcast,
  manyWebSockets,
  manyPublishersOfWebSockets,
  idleWebSockets,
  manyGripStreams,
  manyGripPublishers,
  joinedGripItems,
  idleGripStreams,
  newGripStreams,
  plainGripRequests,
  gripSocketMessages,
  gripByZeromq,
  idleGripSockets,
  manyPushwireClients,
  pushwireInbound,
  privateStreams,
  publishEach,
  idlePushwire,
  newPushwire,
  pushwireResume,
  lanesOfPushwire,
  severalChannels,
  cluster,
  clusterOneChannel,
]
