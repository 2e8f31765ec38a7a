// The table, against the original: a row that fails here says something that was never so.
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { exchanges } from './exchanges.ts'
import { playTable } from './play-table.ts'
import { startOriginal } from './server.ts'

playTable(exchanges.original.test, {
  title: 'Pushpin 1.36',
  start: startOriginal,
  isOriginal: true,
  skip: isPushpinMissing(),
})
