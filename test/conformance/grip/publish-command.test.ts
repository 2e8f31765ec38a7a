// The publishing command of the original, and ours.
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { program } from '../../helpers/program.ts'
import { playCommand } from './play-command.ts'

playCommand('pushpin-publish 1.36', ['pushpin-publish'], isPushpinMissing())
playCommand(
  'ringcast pub --grip',
  [process.execPath, '--disable-warning=ExperimentalWarning', program.pathname, 'pub', '--grip'],
  false,
)
