// htmx, which the admin's theme brings along, would insert a style element and evaluate attributes: our policy
// allows neither, and the theme needs neither.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
