// The table of exchanges, against a running daemon.
import { replayTable } from '../replay.ts'
import { play, privateView, refusalCounters } from './driver.ts'
import { exchanges } from './exchanges.ts'

replayTable('pushwire', { play, privateView, refusalCounters }, exchanges)
