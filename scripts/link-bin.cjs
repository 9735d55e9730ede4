// npm links the bins of dependencies but not a package's own: this makes node_modules/.bin/fiskal-edge.
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const link = path.join(root, 'node_modules', '.bin', 'fiskal-edge')
if (fs.existsSync(path.dirname(link))) {
  fs.rmSync(link, { force: true })
  fs.symlinkSync(path.join('..', '..', 'bin', 'fiskal-edge.cjs'), link)
}
