/** How outcomes, conversion times and paths were read, and what was done with them. */
export const preparation = {
  'use.conversionTime': 'Conversion time',
  'reason.conversion-time-name': 'It has the name of a conversion’s time, and {share} of its cells stand in converted rows.',
  'reason.conversion-time-fit': 'Its points in time stand in all converted rows and in no other.',

  'warning.blank-outcome': {
    one: 'One empty cell of the outcome {columns} counts as not converted, since all filled ones say converted.',
    other: '{rows} empty cells of the outcome {columns} ({share}) count as not converted, since all filled ones say converted.',
  },
  'warning.outcome-differs-within-journeys':
    'In {journeys} of {telling} journeys with a conversion ({share}) only some touches say converted. The outcome is taken for that of the whole journey, and these go by most of their touches.',
  'warning.outcome-same-within-journeys':
    'In {journeys} of {telling} journeys with a conversion ({share}) every touch says converted. The outcome is taken for that of each touch, so each of these touches is a conversion of its own.',
  'warning.conversion-time-unused': '{columns} can’t be held against the times of the touches, so no touch is left out for coming after the conversion.',
  'warning.repeats-capped': '{touches} repeated touches beyond the {limit} that one may stand for are left out.',

  'dropped.no-path': 'They hold no path.',
  'dropped.no-count': 'They count no journey, neither one that converted nor one that did not.',
  'report.no-path': '{rows} rows are left out: they hold no path.',
  'report.no-count': '{rows} rows are left out: they count no journey, neither one that converted nor one that did not.',
  'report.repeats-expanded': '{paths} different cells of {columns} hold touches written as repeated (Direct × 3), which became {touches} touches more.',
  'report.outcome-of-journeys':
    'The outcome is read as that of whole journeys: of {telling} journeys or users with several touches and a conversion, {against} speak against it.',
  'report.outcome-of-touches':
    'The outcome is read as that of single touches: of {telling} journeys or users with several touches and a conversion, {against} speak against it.',
  'report.cut-at-conversion-time': '{columns} says when journeys converted: what came later is left out.',
  'report.cut-at-conversion-day': '{columns} says on which day journeys converted: what came on later days is left out; touches of that day still count.',
  'report.after-outcome': '{rows} touches came after the conversion of their journey.',
  'touches.afterOutcome': 'After the conversion of their journey',

  'warning.join-repeated': '{rows} rows of the second file had the key of another and were made one with it.',
  'warning.spend-unmatched': {
    one: 'The spend table has {columns}, which is not in the data: {rows} rows with a spend of {cost} are left out.',
    other: 'The spend table has {channels} channels that are not in the data ({columns}): {rows} rows with a spend of {cost} are left out.',
  },
  'warning.spend-missing': 'The spend table has nothing for {columns}.',
  'warning.spend-rows-left-out': '{rows} rows of the spend table without a channel, or without a cost of at least 0, are left out.',
  'warning.spend-without-date': '{rows} rows of the spend table without a date count for the whole only, so costs can’t be told by period.',
  'error.spend-unknown-column': 'The spend table has no column of that name.',
  'error.spend-no-channel': 'No column of the spend table names channels.',
  'error.spend-no-cost': 'No column of the spend table holds numbers that can be costs.',
  'error.spend-nothing-matched': 'No channel of the spend table is one of the data.',
  'next.spend-no-channel': 'Choose the column of the channels.',
  'next.spend-no-cost': 'Choose the column of the spend.',
  'next.spend-nothing-matched': 'Write the channels as they are written in the data, or choose another column.',
};
