// Every code that a warning or something worse is logged under, but for those of front-ends, which declare theirs.
// Operators alert on codes, so a code once released keeps its meaning; texts may change. The list in README.md follows.

export const logCodes = {
  'broker-away':
    'What joins the nodes is not reached by some worker; the line says why. Subscribers stay and publishes are refused for now; the line `broker-back` says for how long. After a while the node says that it is not ready.',
  'broker-differs':
    'A channel of this node was not where the broker has it, though every way was open. It was brought forward. It must not happen: please report it.',
  'broker-set-back':
    'The broker has less of a channel than it gave out, and says nothing of a restart or a fail-over. Subscribers are told a gap. It must not happen: please report it.',
  'broker-unfit':
    'What joins the nodes is reached, and is not as it should be; the line says how. Mend it: promises depend on it.',
  'buffers-unbounded':
    'The kernel may hold so much of what one client sends that it can stall a worker. Let the third number of net.ipv4.tcp_rmem be 262144.',
  'certificate-unreadable':
    'A worker has no listener for TLS, since its certificate or key cannot be used; those of other workers stay. Mend the file, and send SIGHUP.',
  'clock-backwards':
    'The clock is behind what an earlier run reached. Offsets go on above it; check the time of the machine.',
  'cluster-differs':
    'Another node of the cluster has another version, other namespaces, or other protocols, lists of channels or order; `parts` says which. All should have the same; while one after the other is updated they have not.',
  'envelope-unreadable':
    'What another node published is of a later version, or damaged: subscribers here are told a gap in its place. Update this node.',
  'file-doubtful':
    'A file that a setting names is used, but something in it is passed over, too short, or should not be there.',
  'file-exposed':
    'Every user of the machine may read a file with a secret, or write one that decides who gets in. See its mode.',
  'notice-failed':
    'The service manager could not be told that the node is ready, alive or stopping. Is systemd-notify installed?',
  'offload-failed':
    'A thread of the pool for work beside the workers was lost, and what it did came to nothing. Please report it with the line.',
  'primary-failed': 'The primary met a bug, and the node ends. Please report it with the line.',
  'process-lost':
    'A worker hangs, is out of memory or cannot start, or a stop took too long: the process kills itself. With a state directory the channels of the other workers are kept.',
  'readers-missing':
    'A worker of a process that took over waited in vain for readers of the one before: their clients miss nothing where they come back, and may miss something until then.',
  'reload-refused': 'Settings were read again and have a mistake. Everything is as it was before.',
  'ring-away':
    'A node of the ring does not answer. Its channels are down, and publishes to them are refused, until it is back or the list is changed.',
  'ring-differs':
    'A node of the ring has a list whose generation is more than one away. Neither answers the other until both have the same.',
  'ring-refused':
    'A node of the ring refuses what this one asks: its secret is another one, or its address is not the one of that node.',
  'setting-idle': 'A setting is given that has no effect beside the others. Was another one forgotten?',
  'setting-weak':
    'A secret is easy to guess, or no client can present it. It is accepted because it stands under the name that a replaced original had.',
  'side-ended': 'A thread that a front-end has beside the workers ended. Another one takes its place.',
  'side-failed': 'A thread that a front-end has beside the workers met a bug, and ends. Please report it.',
  'side-given-up':
    'A thread that a front-end has beside the workers failed again and again. What it is for is not served until the front-end asks for it anew, or until the next start.',
  'side-refused':
    'A thread that a front-end has beside the workers cannot be had; the line says why. Where it was there before, it is tried again; else what it is for is not served until the front-end asks for it anew, or until the next start.',
  'snapshot-unreadable': 'What the last stop left cannot be read. Clients that resume are told of a gap.',
  'socket-unused':
    'A listening socket was handed to this process, by systemd or by the process before it, and no setting names its address. It was closed. Make the two agree.',
  'sockets-refused':
    'Listening sockets were handed to this process that it cannot take over, and it does not start. The line says why.',
  'state-unwritable':
    'The state directory cannot be written. After the next start, clients that resume may be told of a gap.',
  'upgrade-failed': 'No new process took the place of this one, which serves as before. The line says why.',
  'upgrade-lost':
    'A new process had the channels and is gone before it served: the node ends, what it had is kept in the state directory, unless the new one had taken that already, and the service manager starts it again.',
  'upgrade-unavailable':
    'The path of the state directory is too long for unix sockets in it, so that no new process can take the place of this one. Let it have 80 bytes at most.',
  'worker-ended': 'A worker ended without a word. Another one takes its slot.',
  'worker-error': 'Node.js reports an error of a worker thread, as a rule followed by its end.',
  'worker-retired':
    'A worker met a bug, closed its connections and left its channels to another one. Please report it.',
} as const satisfies Readonly<Record<string, string>>

/** A line at level warn or above does not compile without one. */
export type LogCode = keyof typeof logCodes

/** The codes, and `others`, as a table in Markdown, without a line end at the end. */
export function codesReference(others: Readonly<Record<string, string>>): string {
  const all = Object.entries({ ...logCodes, ...others }).sort(([one], [other]) => (one < other ? -1 : 1))
  const rows = all.map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  return ['| code | meaning |', '| --- | --- |', ...rows].join('\n')
}
