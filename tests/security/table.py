"""Who may ask what: every address of the site, and what each of seven people is answered.

Columns, from left to right: somebody who is not logged in; a guest; the candidate, whose attempts, notes and
reports these are; another candidate; the instructor, whose collection (`own`) the questions are in, who
uploaded, imported and changed what there is of that; a colleague, who is an instructor too; an administrator
(by role, no superuser). `shipped` is of the collection without an owner.

Cells: `ok` is 200, `go` a redirect, `login` a redirect to log in, a number that status; + says that the
request changed rows. A cell without + changed none. Not being there (404) is the only answer that anybody
gets for what is somebody else's; the administration says the same by leading back to its index (`go`).

HEAD is answered as GET, without a body. PUT, PATCH, DELETE and OPTIONS are refused (405) everywhere. A view
whose GET or POST does not stand here refuses it: 405, or for nobody the way to log in first.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Row(NamedTuple):
    """`of` says of which object, where there are several; `cells` are in the order of `asking.PEOPLE`."""

    view: str
    of: str
    methods: tuple[str, ...]
    cells: tuple[str, ...]


def rows() -> Iterator[Row]:
    for line in TABLE.splitlines():
        if line and not line.startswith("#"):
            *name, methods, nobody, guest, candidate, other, instructor, colleague, administrator = (
                line.split()
            )
            cells = (nobody, guest, candidate, other, instructor, colleague, administrator)
            yield Row(name[0], name[1] if len(name) > 1 else "", tuple(methods.split(",")), cells)


TABLE = r"""
# view, or route, and of which object                methods   nobody guest  cand.  other  instr. coll.  admin
# Machines
healthz                                              GET       ok     ok     ok     ok     ok     ok     ok
readyz                                               GET       ok     ok     ok     ok     ok     ok     ok
metrics                                              GET       404    404    404    404    404    404    404
# Sitting an exam
exams:home                                           GET       ok     ok     ok     ok     ok     ok     ok
exams:profile                                        GET       ok     ok     ok     ok     ok     ok     ok
exams:start                                          GET       login  go     go     go     go     go     go
exams:start                                          POST      login  go+    go     go+    go+    go+    go+
exams:attempt open                                   GET       login  404    ok     404    404    404    404
exams:attempt open                                   POST      login  404    go+    404    404    404    404
exams:attempt closed                                 GET,POST  login  404    go     404    404    404    404
exams:attempt session                                GET       login  404    ok     404    404    404    404
exams:attempt session                                POST      login  404    go+    404    404    404    404
exams:attempt discarded                              GET,POST  login  404    go     404    404    404    404
exams:events open                                    POST      401    404    ok+    404    404    404    404
exams:events closed                                  POST      401    404    ok+    404    404    404    404
exams:events session                                 POST      401    404    ok     404    404    404    404
exams:events discarded                               POST      401    404    ok     404    404    404    404
exams:clock open                                     GET       401    404    ok     404    404    404    404
exams:clock closed                                   GET       401    404    ok     404    404    404    404
exams:clock session                                  GET       401    404    ok     404    404    404    404
exams:review_screen open                             GET       login  404    ok     404    404    404    404
exams:review_screen closed                           GET       login  404    go     404    404    404    404
exams:pause open                                     GET,POST  login  404    go     404    404    404    404
exams:pause closed                                   GET,POST  login  404    go     404    404    404    404
exams:pause session                                  GET       login  404    go     404    404    404    404
exams:pause session                                  POST      login  404    go+    404    404    404    404
exams:resume open                                    GET,POST  login  404    go     404    404    404    404
exams:resume closed                                  GET,POST  login  404    go     404    404    404    404
exams:resume session                                 GET,POST  login  404    go     404    404    404    404
exams:end open                                       GET       login  404    ok     404    404    404    404
exams:end open                                       POST      login  404    go+    404    404    404    404
exams:end closed                                     GET,POST  login  404    go     404    404    404    404
exams:discard open                                   GET       login  404    go     404    404    404    404
exams:discard open                                   POST      login  404    go+    404    404    404    404
exams:discard closed                                 GET,POST  login  404    go     404    404    404    404
exams:worker open                                    GET       login  404    ok     404    404    404    404
exams:worker closed                                  GET       login  404    ok     404    404    404    404
exams:exhibit open                                   GET       login  404    ok     404    404    404    404
exams:exhibit closed                                 GET       login  404    ok     404    404    404    404
exams:worker open                                    GET       login  404    ok     404    404    404    404
exams:worker closed                                  GET       login  404    ok     404    404    404    404
exams:worker session                                 GET       login  404    ok     404    404    404    404
# Accounts
accounts:login                                       GET       ok     ok     go     go     go     go     go
accounts:login                                       POST      go+    ok+    go     go     go     go     go
accounts:logout                                      GET       login  ok     ok     ok     ok     ok     ok
accounts:logout                                      POST      login  go+    go+    go+    go+    go+    go+
accounts:sign_up                                     GET       ok     ok     go     go     go     go     go
accounts:sign_up                                     POST      go+    go+    go     go     go     go     go
accounts:guest                                       GET       go     go     go     go     go     go     go
accounts:guest                                       POST      go+    go     go     go     go     go     go
accounts:settings                                    GET       login  ok     ok     ok     ok     ok     ok
accounts:settings                                    POST      login  go+    go+    go+    go+    go+    go+
accounts:theme                                       GET       login  go     go     go     go     go     go
accounts:theme                                       POST      login  go+    go+    go+    go+    go+    go+
accounts:password_change                             GET       login  go     ok     ok     ok     ok     ok
accounts:password_change                             POST      login  go     go+    go+    go+    go+    go+
accounts:delete                                      GET       login  ok     ok     ok     ok     ok     ok
accounts:delete                                      POST      login  go+    go+    go+    go+    go+    ok
accounts:password_reset                              GET       ok     ok     ok     ok     ok     ok     ok
accounts:password_reset                              POST      go+    go+    go+    go+    go+    go+    go+
accounts:password_reset_done                         GET       ok     ok     ok     ok     ok     ok     ok
accounts:password_reset_confirm                      GET,POST  go+    go+    go+    go+    go+    go+    go+
accounts:password_reset_complete                     GET       ok     ok     ok     ok     ok     ok     ok
# The bank
bank:questions                                       GET       login  404    404    404    ok     ok     ok
bank:change_status                                   POST      login  404    404    404    go+    go     go+
bank:undo_status                                     POST      login  404    404    404    go+    404    404
bank:add                                             GET       login  404    404    404    ok     ok     ok
bank:add                                             POST      login  404    404    404    go+    404    go+
bank:render_new                                      POST      login  404    404    404    ok     404    ok
bank:question own                                    GET       login  404    404    404    ok     404    ok
bank:question shipped                                GET       login  404    404    404    ok     ok     ok
bank:edit own                                        GET       login  404    404    404    ok     404    ok
bank:edit own                                        POST      login  404    404    404    go+    404    go+
bank:edit shipped                                    GET       login  404    404    404    404    404    ok
bank:edit shipped                                    POST      login  404    404    404    404    404    go+
bank:render own                                      POST      login  404    404    404    ok     404    ok
bank:render shipped                                  POST      login  404    404    404    404    404    ok
bank:asset own                                       GET       login  404    404    404    ok     404    ok
bank:asset shipped                                   GET       login  404    404    404    404    404    404
bank:export                                          GET       login  404    404    404    go     go     go
bank:export                                          POST      login  404    404    404    ok     go     ok
bank:upload                                          GET       login  404    404    404    ok     ok     ok
bank:upload                                          POST      login  404    404    404    go+    ok     go+
bank:template                                        GET       login  404    404    404    ok     ok     ok
bank:preview                                         GET       login  404    404    404    ok     404    404
bank:read_again                                      POST      login  404    404    404    go+    404    404
bank:tag                                             POST      login  404    404    404    go+    404    404
bank:preview_options                                 POST      login  404    404    404    go+    404    404
bank:apply                                           POST      login  404    404    404    go     404    404
bank:discard                                         POST      login  404    404    404    go+    404    404
bank:rejected                                        GET       login  404    404    404    ok     404    404
bank:preview_figure                                  GET       login  404    404    404    ok     404    404
bank:mend                                            POST      login  404    404    404    go+    404    404
bank:settle                                          POST      login  404    404    404    404    404    404
bank:decide                                          POST      login  404    404    404    go     404    404
bank:imports                                         GET       login  404    404    404    ok     ok     ok
bank:import own                                      GET       login  404    404    404    ok     404    ok
bank:import shipped                                  GET       login  404    404    404    ok     ok     ok
bank:import_undo own                                 POST      login  404    404    404    go+    404    go+
bank:import_undo shipped                             POST      login  404    404    404    404    404    go+
bank:coverage                                        GET       login  404    404    404    ok     ok     ok
bank:reports                                         GET       login  404    404    404    ok     ok     ok
bank:report report                                   GET       login  404    404    404    ok     404    ok
bank:report told                                     GET       login  404    404    404    ok     404    ok
bank:report_decide report                            POST      login  404    404    404    go+    404    go+
bank:report_decide told                              POST      login  404    404    404    go     404    go
bank:report_reopen report                            POST      login  404    404    404    go     404    go
bank:report_reopen told                              POST      login  404    404    404    go+    404    go+
bank:sit                                             POST      login  404    404    404    go+    go     go+
# Results and study
results:history                                      GET       login  ok     ok     ok     ok     ok     ok
results:result open                                  GET       login  404    go     404    404    404    404
results:result closed                                GET       login  404    ok     404    404    404    404
results:result discarded                             GET       login  404    404    404    404    404    404
results:review open                                  GET       login  404    go     404    404    404    404
results:review closed                                GET       login  404    ok     404    404    404    404
results:review discarded                             GET       login  404    404    404    404    404    404
results:item open                                    GET       login  404    404    404    404    404    404
results:item closed                                  GET       login  404    go     404    404    404    404
results:note open                                    GET,POST  login  404    404    404    404    404    404
results:note closed                                  GET       login  404    ok     404    404    404    404
results:note closed                                  POST      login  404    go+    404    404    404    404
results:bookmark open                                POST      login  404    404    404    404    404    404
results:bookmark closed                              POST      login  404    go+    404    404    404    404
results:report open                                  GET,POST  login  404    404    404    404    404    404
results:report closed                                GET       login  404    ok     404    404    404    404
results:report closed                                POST      login  404    go+    404    404    404    404
results:reveal open                                  POST      login  404    404    404    404    404    404
results:reveal closed                                POST      login  404    go     404    404    404    404
results:pacing open                                  GET       login  404    go     404    404    404    404
results:pacing closed                                GET       login  404    ok     404    404    404    404
results:progress                                     GET       login  ok     ok     ok     ok     ok     ok
results:exam_date                                    POST      login  go+    go+    go+    go+    go+    go+
results:study                                        GET       login  ok     ok     ok     ok     ok     ok
results:study_start                                  GET       login  go     go     go     go     go     go
results:study_start                                  POST      login  go+    go+    go+    go+    go+    go+
results:drill                                        GET       login  go     go     go     go     go     go
results:drill                                        POST      login  go+    go+    go+    go+    go+    go+
results:reports                                      GET       login  ok     ok     ok     ok     ok     ok
results:read_reports                                 POST      login  go     go     go     go     go     go
results:takeout                                      GET       login  ok     ok     ok     ok     ok     ok
results:takeout_answers                              GET       login  ok     ok     ok     ok     ok     ok
results:takeout_everything                           GET       login  ok     ok     ok     ok     ok     ok
results:takeout_cards                                GET       login  go     ok     go     go     go     go
# The administration
admin/login/                                         GET,POST  login  403    403    403    go     go     go
admin/password_change/                               GET,POST  login  go     go     go     go     go     go
admin/password_change/done/                          GET,POST  login  go     go     go     go     go     go
admin:index                                          GET,POST  login  login  login  login  ok     ok     ok
admin:login                                          GET,POST  login  403    403    403    go     go     go
admin:logout                                         GET       login  go     go     go     405    405    405
admin:logout                                         POST      login  go     go     go     go+    go+    go+
admin:password_change                                GET,POST  login  go     go     go     go     go     go
admin:password_change_done                           GET,POST  login  go     go     go     go     go     go
admin:autocomplete                                   GET       login  login  login  login  403    403    403
admin:autocomplete                                   POST      login  login  login  login  405    405    405
admin:jsi18n                                         GET       login  login  login  login  ok     ok     ok
admin:jsi18n                                         POST      login  login  login  login  405    405    405
admin:view_on_site                                   GET,POST  login  login  login  login  404    404    404
admin:auth_user_password_change                      GET       login  login  login  login  403    403    ok
admin:auth_user_password_change                      POST      login  login  login  login  403    403    go+
admin:accounts_user_changelist                       GET       login  login  login  login  403    403    ok
admin:accounts_user_changelist                       POST      login  login  login  login  403    403    go+
admin:accounts_user_add                              GET       login  login  login  login  403    403    ok
admin:accounts_user_add                              POST      login  login  login  login  403    403    go+
admin:accounts_user_history                          GET,POST  login  login  login  login  403    403    ok
admin:accounts_user_delete                           GET,POST  login  login  login  login  403    403    403
admin:accounts_user_change                           GET       login  login  login  login  403    403    ok
admin:accounts_user_change                           POST      login  login  login  login  403    403    go+
admin/accounts/user/<path:object_id>/                GET,POST  login  login  login  login  go     go     go
admin:accounts_rolechange_changelist                 GET,POST  login  login  login  login  403    403    ok
admin:accounts_rolechange_add                        GET,POST  login  login  login  login  403    403    403
admin:accounts_rolechange_history                    GET,POST  login  login  login  login  403    403    ok
admin:accounts_rolechange_delete                     GET,POST  login  login  login  login  403    403    403
admin:accounts_rolechange_change                     GET       login  login  login  login  403    403    ok
admin:accounts_rolechange_change                     POST      login  login  login  login  403    403    403
admin/accounts/rolechange/<path:object_id>/          GET,POST  login  login  login  login  go     go     go
admin:accounts_auditentry_changelist                 GET,POST  login  login  login  login  403    403    ok
admin:accounts_auditentry_add                        GET,POST  login  login  login  login  403    403    403
admin:accounts_auditentry_history                    GET,POST  login  login  login  login  403    403    ok
admin:accounts_auditentry_delete                     GET,POST  login  login  login  login  403    403    403
admin:accounts_auditentry_change                     GET       login  login  login  login  403    403    ok
admin:accounts_auditentry_change                     POST      login  login  login  login  403    403    403
admin/accounts/auditentry/<path:object_id>/          GET,POST  login  login  login  login  go     go     go
admin:questions_certification_changelist             GET,POST  login  login  login  login  ok     ok     ok
admin:questions_certification_add                    GET,POST  login  login  login  login  403    403    403
admin:questions_certification_history                GET,POST  login  login  login  login  ok     ok     ok
admin:questions_certification_delete                 GET,POST  login  login  login  login  403    403    403
admin:questions_certification_change                 GET       login  login  login  login  ok     ok     ok
admin:questions_certification_change                 POST      login  login  login  login  403    403    403
admin/questions/certification/<path:object_id>/      GET,POST  login  login  login  login  go     go     go
admin:questions_taskstatement_changelist             GET,POST  login  login  login  login  ok     ok     ok
admin:questions_taskstatement_add                    GET,POST  login  login  login  login  403    403    403
admin:questions_taskstatement_history                GET,POST  login  login  login  login  ok     ok     ok
admin:questions_taskstatement_delete                 GET,POST  login  login  login  login  403    403    403
admin:questions_taskstatement_change                 GET       login  login  login  login  ok     ok     ok
admin:questions_taskstatement_change                 POST      login  login  login  login  403    403    403
admin/questions/taskstatement/<path:object_id>/      GET,POST  login  login  login  login  go     go     go
admin:questions_collection_changelist                GET,POST  login  login  login  login  ok     ok     ok
admin:questions_collection_add                       GET       login  login  login  login  ok     ok     ok
admin:questions_collection_add                       POST      login  login  login  login  go+    go+    go+
admin:questions_collection_history                   GET,POST  login  login  login  login  ok     go     ok
admin:questions_collection_delete                    GET,POST  login  login  login  login  403    403    403
admin:questions_collection_change                    GET       login  login  login  login  ok     go     ok
admin:questions_collection_change                    POST      login  login  login  login  403    403    go+
admin/questions/collection/<path:object_id>/         GET,POST  login  login  login  login  go     go     go
admin:questions_question_changelist                  GET       login  login  login  login  ok     ok     ok
admin:questions_question_changelist                  POST      login  login  login  login  go+    go     go+
admin:questions_question_add                         GET,POST  login  login  login  login  403    403    403
admin:questions_question_history                     GET,POST  login  login  login  login  ok     go     ok
admin:questions_question_delete                      GET,POST  login  login  login  login  403    403    403
admin:questions_question_change                      GET       login  login  login  login  ok     go     ok
admin:questions_question_change                      POST      login  login  login  login  403    403    403
admin/questions/question/<path:object_id>/           GET,POST  login  login  login  login  go     go     go
admin:questions_import_changelist                    GET,POST  login  login  login  login  ok     ok     ok
admin:questions_import_add                           GET,POST  login  login  login  login  403    403    403
admin:questions_import_history                       GET,POST  login  login  login  login  ok     go     ok
admin:questions_import_delete                        GET,POST  login  login  login  login  403    403    403
admin:questions_import_change                        GET       login  login  login  login  ok     go     ok
admin:questions_import_change                        POST      login  login  login  login  403    403    403
admin/questions/import/<path:object_id>/             GET,POST  login  login  login  login  go     go     go
admin:questions_questionversion_changelist           GET,POST  login  login  login  login  ok     ok     ok
admin:questions_questionversion_add                  GET,POST  login  login  login  login  403    403    403
admin:questions_questionversion_history              GET,POST  login  login  login  login  ok     go     ok
admin:questions_questionversion_delete               GET,POST  login  login  login  login  403    403    403
admin:questions_questionversion_change               GET       login  login  login  login  ok     go     ok
admin:questions_questionversion_change               POST      login  login  login  login  403    403    403
admin/questions/questionversion/<path:object_id>/    GET,POST  login  login  login  login  go     go     go
admin:exams_examprofile_changelist                   GET,POST  login  login  login  login  ok     ok     ok
admin:exams_examprofile_add                          GET       login  login  login  login  403    403    ok
admin:exams_examprofile_add                          POST      login  login  login  login  403    403    go+
admin:exams_examprofile_history                      GET,POST  login  login  login  login  ok     ok     ok
admin:exams_examprofile_delete                       GET,POST  login  login  login  login  403    403    403
admin:exams_examprofile_change                       GET       login  login  login  login  ok     ok     ok
admin:exams_examprofile_change                       POST      login  login  login  login  403    403    go+
admin/exams/examprofile/<path:object_id>/            GET,POST  login  login  login  login  go     go     go
admin:exams_attempt_changelist                       GET,POST  login  login  login  login  ok     ok     ok
admin:exams_attempt_add                              GET,POST  login  login  login  login  403    403    403
admin:exams_attempt_history                          GET,POST  login  login  login  login  ok     ok     ok
admin:exams_attempt_delete                           GET,POST  login  login  login  login  403    403    403
admin:exams_attempt_change                           GET       login  login  login  login  ok     ok     ok
admin:exams_attempt_change closed                    GET       login  login  login  login  ok     ok     ok
admin:exams_attempt_change                           POST      login  login  login  login  403    403    403
admin:exams_attempt_change closed                    POST      login  login  login  login  403    403    403
admin/exams/attempt/<path:object_id>/                GET,POST  login  login  login  login  go     go     go
admin:exams_extension_changelist                     GET,POST  login  login  login  login  ok     ok     ok
admin:exams_extension_add                            GET       login  login  login  login  ok     ok     ok
admin:exams_extension_add                            POST      login  login  login  login  go+    go+    go+
admin:exams_extension_history                        GET,POST  login  login  login  login  ok     ok     ok
admin:exams_extension_delete                         GET,POST  login  login  login  login  403    403    403
admin:exams_extension_change                         GET       login  login  login  login  ok     ok     ok
admin:exams_extension_change                         POST      login  login  login  login  403    403    403
admin/exams/extension/<path:object_id>/              GET,POST  login  login  login  login  go     go     go
admin:results_result_changelist                      GET,POST  login  login  login  login  ok     ok     ok
admin:results_result_add                             GET,POST  login  login  login  login  403    403    403
admin:results_result_history                         GET,POST  login  login  login  login  ok     ok     ok
admin:results_result_delete                          GET,POST  login  login  login  login  403    403    403
admin:results_result_change                          GET       login  login  login  login  ok     ok     ok
admin:results_result_change                          POST      login  login  login  login  403    403    403
admin/results/result/<path:object_id>/               GET,POST  login  login  login  login  go     go     go
admin:results_report_changelist                      GET,POST  login  login  login  login  ok     ok     ok
admin:results_report_add                             GET,POST  login  login  login  login  403    403    403
admin:results_report_history                         GET,POST  login  login  login  login  ok     go     ok
admin:results_report_delete                          GET,POST  login  login  login  login  403    403    403
admin:results_report_change                          GET       login  login  login  login  ok     go     ok
admin:results_report_change                          POST      login  login  login  login  403    403    403
admin/results/report/<path:object_id>/               GET,POST  login  login  login  login  go     go     go
admin:app_list questions                             GET,POST  login  login  login  login  ok     ok     ok
admin/(?P<url>.*)$                                   GET,POST  login  login  login  login  404    404    404
"""
