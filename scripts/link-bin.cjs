// npm links the bins of dependencies but not a package's own: this makes node_modules/.bin/fiskal-edge.
const fs = require('node:fs')
const path = require('node:path')

const folder = path.join(__dirname, '..', 'node_modules', '.bin')

if (fs.existsSync(folder)) {
  const file = path.join(folder, 'fiskal-edge')
  fs.rmSync(file, { force: true })
  fs.symlinkSync(path.join('..', '..', 'bin', 'fiskal-edge'), file)
}
