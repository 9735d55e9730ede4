import { openClient } from './client.ts'
import { playShift } from './shift.ts'

// `node run.js URL PLATFORM_KEY NUMBER`; the number makes the merchant one of several.
const [, , url = '', platform = '', number = ''] = process.argv
playShift((key) => openClient(url, key), platform, Number(number)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
