"""The addresses of deals."""

from django.urls import path

from deals import views
from deals.board import move_views, quick_add_views
from deals.board import views as board_views
from deals.models import Deal
from records.urls import record_urls

app_name = "deals"
urlpatterns = [
    path("", views.deal_list, name="list"),
    path("new/", views.deal_new, name="new"),
    path("board/", board_views.deal_board, name="board"),
    path("board/cards/", board_views.board_cards, name="board_cards"),
    path("board/changes/", board_views.board_changes, name="board_changes"),
    path("board/selected/", move_views.move_many, name="move_many"),
    path("board/undo/", move_views.undo_move, name="undo_move"),
    path("board/new/", quick_add_views.board_new, name="board_new"),
    *record_urls(Deal),
    path("<str:pk>/", views.deal_detail, name="detail"),
    path("<str:pk>/move/", move_views.deal_move, name="move"),
    path("<str:pk>/edit/", views.deal_edit, name="edit"),
    path("<str:pk>/delete/", views.deal_delete, name="delete"),
]
