// The table of exchanges, against a running daemon.
import { replayTable } from '../replay.ts'
import { play, refusalCounters } from './driver.ts'
import { exchanges } from './exchanges.ts'

replayTable('pushy', { play, refusalCounters }, exchanges)
