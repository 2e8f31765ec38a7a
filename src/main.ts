// Hands the environment to the primary. Commands come with the operator's surface.
import { startPrimary } from './app/primary.ts'

await startPrimary({ environment: process.env })
