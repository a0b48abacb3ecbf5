/** A virtual machine whose files are those of this one, in which tests run. */

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LabError } from '../lab-error.js'
import { type Kernel, modulesFor, need } from './kernel.js'

export interface MachineOptions {
  /** What the machine is made of is left here. */
  readonly folder: string
  /** The checkout. */
  readonly root: string
  readonly kernel: Kernel
  /** Absolute paths. */
  readonly tests: readonly string[]
  readonly minutes: number
}

const busybox = '/bin/busybox'
/** For the root file system; all others are loaded from there. */
const early = ['virtio_pci', '9pnet_virtio', '9p', 'overlay']
const late = ['veth', 'bridge', 'br_netfilter', 'sch_ingress', 'cls_bpf', 'sch_clsact']

/** @returns 0 when all passed, 1 when not @throws LabError */
export async function runMachine(options: MachineOptions): Promise<number> {
  if (spawnSync('qemu-system-x86_64', ['--version']).status !== 0)
    throw new LabError(
      'QEMU is missing: apt-get install --no-install-recommends qemu-system-x86 busybox-static',
    )
  const initrd = writeInitrd(options)
  const machine = spawn(
    'qemu-system-x86_64',
    [
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-M', 'q35', '-smp', '2', '-m', '6144'],
      ...['-nographic', '-no-reboot', '-kernel', options.kernel.image, '-initrd', initrd],
      ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
      ...['-append', 'console=ttyS0 panic=-1 quiet'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: options.minutes * 60_000 },
  )
  let told = ''
  for await (const chunk of machine.stdout) {
    process.stdout.write(chunk)
    told = (told + chunk).slice(-4_096)
  }
  const end = /TESTS ENDED WITH (\d+)/.exec(told)
  if (end === null)
    throw new LabError(`the machine went before the tests had ended (--minutes ${options.minutes}?)`)
  return end[1] === '0' ? 0 : 1
}

function writeInitrd({ folder, root, kernel, tests }: MachineOptions): string {
  const tree = join(folder, 'initrd')
  rmSync(tree, { recursive: true, force: true })
  for (const name of ['bin', 'dev', 'proc', 'm', 'host', 'memory', 'disk'])
    mkdirSync(join(tree, name), { recursive: true })
  copyFileSync(busybox, join(tree, 'bin/busybox'))
  const files = modulesFor(kernel, early)
  const modules = join(kernel.folder, 'lib/modules', kernel.release)
  for (const file of files) copyFileSync(join(modules, file), join(tree, 'm', basename(file)))
  writeFileSync(join(tree, 'init'), firstScript(files, modules))
  writeFileSync(join(tree, 'second.sh'), secondScript(root, kernel, tests))
  for (const script of ['init', 'second.sh']) chmodSync(join(tree, script), 0o755)
  const file = join(folder, 'initrd.img')
  need(['sh', '-c', `${busybox} find . | ${busybox} cpio -o -H newc > '${file}'`], { cwd: tree })
  return file
}

/** The files of the host below a layer in memory. */
function firstScript(files: readonly string[], modules: string): string {
  return `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
${files.map((file) => `$b insmod /m/${basename(file)}`).join('\n')}
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 host /host || $b poweroff -f
$b mount -t tmpfs memory /memory
$b mkdir -p /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /disk || $b poweroff -f
$b cp /second.sh /disk/second.sh
$b mkdir -p /disk/lib/modules
$b ln -s ${modules} /disk/lib/modules/
exec $b switch_root /disk /second.sh
`
}

/** What a booted system has mounted; then the tests, one after the other, as they each want the machine. */
function secondScript(root: string, { release }: Kernel, tests: readonly string[]): string {
  return `#!/bin/bash
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp IDSD_TEST_PATIENCE=8
for m in proc:/proc sysfs:/sys devtmpfs:/dev tmpfs:/run tmpfs:/var/lib bpf:/sys/fs/bpf tracefs:/sys/kernel/tracing; do
  mount -t \${m%%:*} none \${m#*:}
done
mkdir -p /dev/pts /dev/shm && mount -t devpts none /dev/pts && mount -t tmpfs none /dev/shm
ip link set lo up
for m in ${late.join(' ')}; do modprobe $m 2>/dev/null; done
echo "booted $(uname -r), expected ${release}"
cd '${root}'
failed=0
for t in ${tests.map((test) => `'${test}'`).join(' ')}; do
  echo "== $t"
  '${process.execPath}' --test "$t" > /tmp/told 2>&1 || { failed=1; grep -aE '^ *not ok' /tmp/told | head -20; tail -n 40 /tmp/told; }
  grep -aE '^# (pass|fail|cancelled|skipped)' /tmp/told | tr '\\n' ' '
  echo
done
echo "TESTS ENDED WITH $failed"
poweroff -f
`
}
