// The publishing command of the original.
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { playCommand } from './play-command.ts'

playCommand('pushpin-publish 1.36', ['pushpin-publish'], isPushpinMissing())
