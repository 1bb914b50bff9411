// What docs/report.md calls `findings`, by hand.
export const findings = {
  statements: [
    {
      topic: 'small messages',
      text: 'A pipe needs 200 ns there and back & nothing needs less.',
      cells: ['pingpong/pipe/64/same-cache'],
    },
    { topic: 'huge pages', text: 'Nothing is known of them.', cells: [] },
  ],
  beliefs: [
    {
      belief: 'A FIFO costs more than a pipe',
      verdict: 'confirmed',
      text: 'Four times as much.',
      cells: ['pingpong/fifo/64/same-cache', 'pingpong/pipe/64/same-cache'],
    },
    {
      belief: 'Datagrams cost more than streams',
      verdict: 'undecided',
      text: 'The intervals overlap.',
      cells: ['pingpong/uds-dgram/64/same-cache'],
    },
    { belief: 'Shared memory is the fastest', verdict: 'refuted', text: 'It is not.', cells: [] },
    {
      belief: 'Huge pages pay',
      verdict: 'not measured',
      text: 'No cell has them.',
      cells: ['pingpong/nowhere/64/same-cache'],
    },
  ],
  advice: [
    {
      size_bytes: 64,
      pattern: 'request-reply',
      optimise: 'p50',
      choices: [
        {
          cell: 'pingpong/pipe/64/same-cache',
          cpu_share: 1.1,
          lines: ['the shortest', 'takes a CPU', '<i>third</i>'],
        },
        {
          cell: 'pingpong/fifo/64/same-cache',
          cpu_share: 0.8,
          lines: ['the second', 'less than a CPU', '<b>no markup</b>'],
        },
      ],
    },
    {
      size_bytes: 256,
      pattern: 'stream',
      optimise: 'throughput',
      choices: [
        { cell: 'stream/pipe/256/same-cache', cpu_share: 0.9, lines: ['one', 'two', 'three'] },
      ],
    },
  ],
};
