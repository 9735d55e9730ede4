import { startImage } from './started-image.ts'

await startImage(process.argv.slice(2))
