// npm links the bins of dependencies but not a package's own: this makes node_modules/.bin/fiskal-edge. It is a shell
// script that becomes the project's own Node by `exec`, so that one process is started and one process is killed, with
// every Node that the host may have.
const fs = require('node:fs')
const path = require('node:path')

const folder = path.join(__dirname, '..', 'node_modules', '.bin')
const text = `#!/bin/sh
folder=$(dirname "$(readlink -f "$0")")
node="$folder/node"
[ -x "$node" ] || node=node
exec "$node" "$folder/../../bin/fiskal-edge.cjs" "$@"
`

if (fs.existsSync(folder)) {
  const file = path.join(folder, 'fiskal-edge')
  fs.rmSync(file, { force: true })
  fs.writeFileSync(file, text, { mode: 0o755 })
}
