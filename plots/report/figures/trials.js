/* Every trial in the order of the run, against its cell's median: drift, two modes, and how far apart
 * the machine's CPUs were meanwhile. */
import { makeFigure } from '../chart.js';
import { select } from '../dom.js';
import { makeScale } from '../scales.js';
import { token } from '../colours.js';
import { figureText } from '../model.js';
import * as format from '../format.js';
import { grid, keyItem, legend } from './common.js';

const stateColours = ['state-1', 'state-2', 'state-3', 'state-4'];
const colourOf = state =>
  token(state < 0 ? 'muted' : stateColours[Math.min(state, stateColours.length - 1)]);

function trialsOf(cell) {
  const { started_s, value, probe_ns, state } = cell.trials;
  return value
    .map((figure, index) => ({
      cell,
      figure,
      at: started_s[index],
      probe: probe_ns[index],
      state: state[index],
      ratio: figure / cell.figure,
    }))
    .filter(trial => trial.figure > 0);
}

/* Whole seconds, half and whole minutes: about six. */
function timeTicks(most) {
  const step =
    [0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600].find(
      seconds => most / seconds <= 8,
    ) ?? 7200;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

export function makeTrials(context) {
  const id = 'trials';
  let run;

  function draw() {
    const cells = context
      .cells()
      .filter(cell => cell.run === run && cell.summary && cell.figure && cell.trials);
    const trials = cells.flatMap(trialsOf);
    if (trials.length < 2) return null;
    const selected = cells.includes(context.selected()) ? context.selected() : null;
    const x = makeScale(
      trials.map(trial => trial.at),
      {
        format: format.duration,
        zero: true,
        ticks: timeTicks(Math.max(...trials.map(trial => trial.at))),
        title: 'since the run began',
        padding: 0.02,
      },
    );
    const y = makeScale(
      trials.map(trial => trial.ratio),
      { log: true, format: value => `${format.plain(value)}×`, vertical: true },
    );
    const states = [...new Set(trials.map(trial => trial.state))].sort((a, b) => a - b);
    const groups = states.map(state => trials.filter(trial => trial.state === state));
    return {
      height: 320,
      note: [
        'Each dot is a trial, as a multiple of its cell’s median. Colour: how long a cache line took there and back just before. ',
        legend(
          states.map(state => {
            const item = keyItem(
              'dot',
              state < 0 ? 'not known' : format.ns(run.states[state].median_ns),
            );
            item.style.setProperty(
              '--key',
              `var(--${state < 0 ? 'muted' : stateColours[Math.min(state, 3)]})`,
            );
            return item;
          }),
        ),
      ],
      summary: `${trials.length} trials of ${cells.length} cells in ${run.states.length} states of the machine.`,
      option: {
        grid: grid({ top: 16 }),
        xAxis: x.axis,
        yAxis: y.axis,
        series: groups.map((members, index) => ({
          type: 'scatter',
          silent: true,
          symbolSize: data => (data[2] ? 9 : 5),
          itemStyle: { color: colourOf(states[index]) },
          data: members.map(trial => ({
            value: [x.at(trial.at), y.at(trial.ratio), trial.cell === selected],
            itemStyle: { opacity: !selected ? 0.7 : trial.cell === selected ? 1 : 0.12 },
          })),
        })),
      },
      points: trials
        .filter(trial => !selected || trial.cell === selected)
        .map(trial => ({
          x: x.at(trial.at),
          y: y.at(trial.ratio),
          curve: trial.cell.key,
          cell: trial.cell,
          title: trial.cell.id,
          rows: [
            ['this trial', figureText(trial.cell, trial.figure)],
            ['its cell', figureText(trial.cell, trial.cell.figure)],
            ['cache line', trial.probe > 0 ? format.ns(trial.probe) : 'not probed'],
            ['at', format.duration(trial.at)],
          ],
        })),
    };
  }

  return makeFigure({
    id,
    title: 'Trials in the order of the run',
    draw,
    controls() {
      const { runs } = context.model;
      const letter = context.view.get('trials-run') || runs[0].letter;
      run = runs.find(candidate => candidate.letter === letter) ?? runs[0];
      return (
        runs.length > 1 &&
        select(
          'Run',
          runs.map(each => [each.letter, `${each.letter} ${each.file}`]),
          run.letter,
          value => context.view.set({ 'trials-run': value }),
          false,
        )
      );
    },
    select: context.select,
  });
}
