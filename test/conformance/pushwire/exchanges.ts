// The table of contract §13, and of what else the contract says of the wire.
import { authRows } from './rows/auth.ts'
import { backendRows } from './rows/backend.ts'
import { clientScopeRows } from './rows/client-scope.ts'
import { dialectRows } from './rows/dialects.ts'
import { displacements } from './rows/displacement.ts'
import { eachRows } from './rows/each.ts'
import { frameRows } from './rows/frames.ts'
import { handshakes } from './rows/handshake.ts'
import { laneRows } from './rows/lanes.ts'
import { limitRows } from './rows/limits.ts'
import { operationRows } from './rows/operations.ts'
import { replayRows } from './rows/replays.ts'
import { requestRows } from './rows/requests.ts'
import { resumeRows } from './rows/resume.ts'
import { streamRows } from './rows/streams.ts'
import type { Exchange } from './vocabulary.ts'

export const exchanges: readonly Exchange[] = [
  ...handshakes,
  ...dialectRows,
  ...frameRows,
  ...operationRows,
  ...resumeRows,
  ...replayRows,
  ...streamRows,
  ...displacements,
  ...requestRows,
  ...limitRows,
  ...clientScopeRows,
  ...backendRows,
  ...authRows,
  ...laneRows,
  ...eachRows,
]
