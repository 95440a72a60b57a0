// The widgets of Flask-Admin speak English: here they learn the language of the page. The words
// are attributes of this script; the browser knows the names of the months and the days.
(() => {
  const { empty, noMatches, searching, ...labels } = document.currentScript.dataset;
  const names = (form, dates) => {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { ...form, timeZone: "UTC" });
    return dates.map((date) => format.format(date));
  };
  const locale = {
    ...labels,
    daysOfWeek: names({ weekday: "narrow" }, [1, 2, 3, 4, 5, 6, 7].map((day) => Date.UTC(2023, 0, day))),
    monthNames: names({ month: "short" }, [...Array(12).keys()].map((month) => Date.UTC(2023, month))),
  };

  $(document).on("adminFormReady", () => {
    const pick = $.fn.daterangepicker;
    $.fn.daterangepicker = function (options, callback) {
      return pick.call(this, { ...options, locale }, callback);
    };
    Object.assign($.fn.select2.defaults, {
      formatNoMatches: () => noMatches,
      formatSearching: () => searching,
    });
    if ($.fn.editable) {
      $.fn.editable.defaults.emptytext = empty;
    }
  });
})();
