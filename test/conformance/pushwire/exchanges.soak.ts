// The rest of the table of exchanges: rows with settings, with one worker.
import { replayRest } from '../replay.ts'
import { play, privateView, refusalCounters } from './driver.ts'
import { exchanges } from './exchanges.ts'

replayRest('pushwire', { play, privateView, refusalCounters }, exchanges)
