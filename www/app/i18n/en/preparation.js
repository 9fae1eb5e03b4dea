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
  'warning.spend-unmatched': 'Not in the data, but in the spend table: {columns}. {rows} rows with a spend of {cost} are left out.',
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

  'error.too-many-channels': '{columns} holds {found} different channels; at most {limit} can be compared.',
  'next.too-many-channels': 'Choose a column with fewer channels, such as the source or medium instead of the campaign.',
  'report.channels-pooled': '{channels} channels with {rows} rows count as one: {columns}.',
  'report.touch-features': '{columns} change from touch to touch; they became {inputs} inputs of the whole journey.',
  'report.touch-features-before-last':
    '{columns} change from touch to touch; they became {inputs} inputs of the whole journey, without its last touch, which may be the conversion.',
  'report.missing-filled': '{cells} missing training cells of {columns} count as the mean of their column.',
  'report.missing-marked': '{inputs} inputs mark where numbers are missing: in {columns}.',
  'report.missing-alike': '{columns} miss the same rows as another column, whose mark stands for them.',
  'report.left-out-identifiers': 'Left out, since they name single things: {columns}.',
  'report.left-out-constant': 'Left out, since they hold one value or none: {columns}.',
  'report.left-out-chosen': 'Left out, as chosen: {columns}.',
  'report.left-out-outcomes': 'Left out, since they would give the outcome away: {columns}.',
  'report.left-out-times': 'Left out, since they are points in time: {columns}.',
  'report.left-out-levels': 'Left out, since they have too many different values: {columns}.',
  'report.left-out-rare': 'Left out, since each of their values has only a few training rows: {columns}.',
  'report.left-out-unsuitable': 'Left out, since they hold times or free text: {columns}.',
  'report.split-given': 'The test part is as given; the rest was divided by chance, {validationShare} of it for validation (seed {seed}).',
  'report.split-paths': 'Journeys were drawn from each path by chance: {testShare} for the test, {validationShare} of the rest for validation (seed {seed}).',
  'report.split-by-row':
    'Divided by chance, with the same share of conversions in each part: {testShare} for the test, {validationShare} of the rest for validation (seed {seed}).',
  'report.split-by-user':
    'Divided by chance, all rows of a user in one part: {testShare} for the test, {validationShare} of the rest for validation (seed {seed}).',
  'report.split-by-time': 'Divided by time: the last {testShare} for the test, the last {validationShare} of the rest for validation.',
  'feature.sum': '{column}: sum over the touches',
  'feature.any': '{column}: in any touch',
  'feature.last': '{column}: last known',
};
