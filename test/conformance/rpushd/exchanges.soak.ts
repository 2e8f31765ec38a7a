// The rest of the table of exchanges: rows with settings, with one worker.
import { replayRest } from '../replay.ts'
import { play, refusalCounters } from './driver.ts'
import { exchanges } from './exchanges.ts'

replayRest('rpushd', { play, refusalCounters }, exchanges)
